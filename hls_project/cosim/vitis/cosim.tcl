# Synthesis and C/RTL co-simulation of the hls4ml project in the working directory.
#
# cosim_settings.tcl, which sources this file, sets: cosim_golden, cosim_results (absolute paths of one word each:
# the simulator splits its arguments at spaces), cosim_random_stall (0 or 1). project.tcl, which hls4ml wrote, sets the rest.
# The settings of the solution are those of hls4ml's build_prj.tcl, so that both give the same hardware.

proc dtscnn_cosim {golden results random_stall} {
    source project.tcl
    open_project -reset ${project_name}_prj
    set_top $project_name
    add_files firmware/${project_name}.cpp -cflags "-std=c++0x"
    add_files -tb ${project_name}_test.cpp -cflags "-std=c++0x"
    add_files -tb firmware/weights
    add_files -tb tb_data
    open_solution -reset "solution1"
    catch {config_array_partition -maximum_size $maximum_size}
    config_compile -name_max_length 80
    set_part $part
    config_schedule -enable_dsp_full_reg=false
    create_clock -period $clock_period -name default
    set_clock_uncertainty $clock_uncertainty default

    puts "dtscnn: synthesis"
    csynth_design

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
