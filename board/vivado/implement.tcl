# From `synthesized.dcp` to `overlay.bit` and reports, in the working directory. A design that misses its timing gets reports
# and no bitstream.

proc dtscnn_implement {} {
    open_checkpoint synthesized.dcp
    puts "dtscnn: optimization"
    opt_design
    puts "dtscnn: placement"
    place_design
    phys_opt_design
    puts "dtscnn: routing"
    route_design
    puts "dtscnn: reports"
    report_utilization -file utilization.rpt
    report_timing_summary -max_paths 5 -file timing.rpt
    # Vivado's power model knows then how often signals switch on real images; without, it assumes rates.
    if {[file exists activity.saif]} {
        read_saif -strip_path overlay_wrapper -out_file activity_unmatched.txt activity.saif
    }
    report_power -file power.rpt
    foreach {kind option} {setup -setup hold -hold} {
        foreach path [get_timing_paths -max_paths 1 $option] {
            set slack [get_property SLACK $path]
            if {$slack < 0} {
                error "timing is not met: worst $kind slack $slack ns"
            }
        }
    }
    puts "dtscnn: bitstream"
    write_bitstream -force overlay.bit
    puts "dtscnn: implemented"
}

if {[catch {dtscnn_implement} message]} {
    puts "ERROR: \[dtscnn\] $message"
    exit 1
}
exit 0
