# Synthesis of the hls4ml project in the working directory to Verilog. synthesis_settings.tcl sources solution.tcl first.

if {[catch {dtscnn_solution} message]} {
    puts "ERROR: \[dtscnn\] $message"
    exit 1
}
puts "dtscnn: done"
exit 0
