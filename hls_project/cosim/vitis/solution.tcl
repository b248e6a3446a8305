# The hls4ml project in the working directory, opened and synthesized. project.tcl, which hls4ml wrote, says which part and
# clock. The settings of the solution are those of hls4ml's build_prj.tcl, so that both give the same hardware.

proc dtscnn_solution {} {
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
}
