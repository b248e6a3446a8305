# Takes Vivado's place in a plain interpreter: every command is noted in the file CALLS, one a line, its words separated by
# the character 0x1f. Commands that Vivado has and this file lacks are errors here.
#
# FAILING names a command that fails. SLACK is what the timing analysis finds. With HANDOFF, `generate_target` runs that
# program to write the hardware handoff, and the products' files are written.

set recorder_log [open $::env(CALLS) a]
fconfigure $recorder_log -encoding utf-8

proc recorder_note {name words} {
    puts $::recorder_log [join [list $name {*}$words] \x1f]
    flush $::recorder_log
    if {[info exists ::env(FAILING)] && $::env(FAILING) eq $name} {
        error "$name went wrong"
    }
}

proc recorder_product {path} {
    if {[info exists ::env(HANDOFF)]} {
        set product [open $path w]
        puts $product "product of the recorder"
        close $product
    }
}

foreach name {
    create_project set_property add_files update_compile_order create_bd_design connect_bd_net connect_bd_intf_net
    make_bd_intf_pins_external assign_bd_address validate_bd_design save_bd_design make_wrapper
    read_saif synth_design open_checkpoint opt_design place_design phys_opt_design route_design
} {
    proc $name args [format {recorder_note %s $args} $name]
}

# Queries and what they find: names stand for objects.
proc current_project args { return project }
proc get_files names { recorder_note get_files $names; return $names }
proc get_bd_pins name { return $name }
proc get_bd_intf_pins name { return $name }
proc get_bd_addr_spaces name { return $name }
proc get_bd_addr_segs pattern {
    set register Reg
    if {[string match dtscnn_0/* $pattern]} { set register reg0 }
    return [string map [list * $register] $pattern]
}
proc get_timing_paths args { recorder_note get_timing_paths $args; return [lindex $args end] }
proc get_property {name object} {
    if {[info exists ::env(SLACK)]} { return $::env(SLACK) }
    return 1.5
}

proc create_bd_cell args {
    recorder_note create_bd_cell $args
    return [lindex $args end]
}
proc generate_target args {
    recorder_note generate_target $args
    if {[info exists ::env(HANDOFF)]} {
        exec {*}$::env(HANDOFF) $::env(CALLS) project/overlay.gen/sources_1/bd/overlay/hw_handoff/overlay.hwh
    }
}
proc write_checkpoint args {
    recorder_note write_checkpoint $args
    recorder_product [lindex $args end]
}
foreach name {report_utilization report_timing_summary report_power write_bitstream} {
    proc $name args [format {recorder_note %s $args} $name]
}
