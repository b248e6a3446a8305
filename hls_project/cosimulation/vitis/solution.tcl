# The hls4ml project in the working directory, opened and synthesized. project.tcl, which hls4ml wrote, says which part and
# clock. Differences to hls4ml's build_prj.tcl: no option that this release lacks, for even inside `catch` the tool prints an
# error of it (config_array_partition -maximum_size, which was Vivado HLS's); pipelines that flush, where the release takes
# that for a whole design; and no automatic rewind. So a process that has begun its next frame, and waits for it, delivers
# what it has of this one.
#
# solution_pipeline_style is set before: a style for all pipelines, or empty. See release.py.

proc dtscnn_solution {} {
    global solution_pipeline_style
    source project.tcl
    open_project -reset ${project_name}_prj
    set_top $project_name
    add_files firmware/${project_name}.cpp -cflags "-std=c++0x"
    add_files -tb ${project_name}_test.cpp -cflags "-std=c++0x"
    add_files -tb firmware/weights
    add_files -tb tb_data
    open_solution -reset "solution1"
    config_compile -name_max_length 80 -enable_auto_rewind=false
    if {$solution_pipeline_style ne ""} {
        config_compile -pipeline_style $solution_pipeline_style
    }
    set_part $part
    config_schedule -enable_dsp_full_reg=false
    create_clock -period $clock_period -name default
    set_clock_uncertainty $clock_uncertainty default

    puts "dtscnn: synthesis"
    csynth_design
}
