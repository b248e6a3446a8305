# From the sources to `synthesized.dcp` and `overlay.hwh`, in the working directory, where the memory files lie too:
# $readmemh looks there.

proc dtscnn_synthesize {settings} {
    puts "dtscnn: block design"
    set part [dict get $settings part]
    create_project -force overlay project -part $part
    set_property target_language Verilog [current_project]
    add_files -norecurse [dict get $settings sources]
    set memories [dict get $settings memories]
    if {[llength $memories]} {
        add_files -norecurse $memories
        set_property file_type {Memory Initialization Files} [get_files $memories]
    }
    update_compile_order -fileset sources_1

    dtscnn_block_design $settings
    set design [get_files overlay.bd]
    # The whole design is synthesized at once: one run, one log.
    set_property synth_checkpoint_mode None $design
    generate_target all $design
    make_wrapper -files $design -top -import
    update_compile_order -fileset sources_1

    # Its place depends on the release.
    set handoffs [glob -nocomplain project/overlay.{gen,srcs}/sources_1/bd/overlay/hw_handoff/overlay.hwh]
    if {[llength $handoffs] == 0} {
        error "Vivado wrote no hardware handoff (.hwh) of the block design"
    }
    file copy -force [lindex $handoffs 0] overlay.hwh

    puts "dtscnn: synthesis"
    synth_design -top overlay_wrapper -part $part
    write_checkpoint -force synthesized.dcp
    puts "dtscnn: synthesized"
}

if {[catch {dtscnn_synthesize $settings} message]} {
    puts "ERROR: \[dtscnn\] $message"
    exit 1
}
exit 0
