# Synthesis and C/RTL co-simulation of the hls4ml project in the working directory.
#
# cosim_settings.tcl, which sources solution.tcl and this file, sets: cosim_golden, cosim_results (absolute paths of one
# word each: the simulator splits its arguments at spaces), cosim_random_stall (0 or 1).

proc dtscnn_cosim {golden results random_stall} {
    dtscnn_solution

    puts "dtscnn: co-simulation"
    set options [list -rtl verilog -tool xsim -trace_level none]
    if {$random_stall} {
        lappend options -random_stall
    }
    # The bench runs twice, in two folders below the solution: on the C++ code, then on what the hardware answered.
    cosim_design {*}$options -argv "--golden $golden --results $results"
    puts "dtscnn: done"
}

if {[catch {dtscnn_cosim $cosim_golden $cosim_results $cosim_random_stall} message]} {
    puts "ERROR: \[dtscnn\] $message"
    exit 1
}
exit 0
