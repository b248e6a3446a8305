# The commands of one release of Vitis HLS in a plain interpreter, as real logs have them: each is printed as it runs, and
# an option that the release lacks is printed as an error before the command fails, inside `catch` too.
#
# RELEASE is year and number, 2023.2. Options: user guide UG1399, `config_compile` and `config_array_partition`, of 2020.2 to
# 2025.1; the printed lines: logs of 2023.2 and 2024.1.

set options {
    config_array_partition {-complete_threshold -throughput_driven}
    config_compile {-enable_auto_rewind -name_max_length -no_signed_zeros -pipeline_loops -pipeline_style}
    config_schedule {-enable_dsp_full_reg}
}
set styles [expr {$::env(RELEASE) < 2022.1 ? {stp frp} : {stp frp flp}}]

proc run {name words} {
    puts "INFO: \[HLS 200-1510\] Running: $name $words "
    if {![dict exists $::options $name]} { return }
    set unknown {}
    foreach {option value} [split [string map {= " "} $words]] {
        if {$option ni [dict get $::options $name]} { lappend unknown $option $value }
        if {$option eq "-pipeline_style" && $value ni $::styles} { lappend unknown $value }
    }
    foreach word $unknown {
        puts "ERROR: \[HLS 200-101\] '$name': Unknown option '$word'."
    }
    if {[llength $unknown]} { error "unknown option" }
}

foreach name {
    open_project set_top add_files open_solution config_array_partition config_compile set_part config_schedule create_clock
    set_clock_uncertainty csynth_design
} {
    proc $name args [format {run %s $args} $name]
}
