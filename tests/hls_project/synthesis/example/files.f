dt_fifo.sv
dtscnn_conv0_kernel.sv
dtscnn_conv0.sv
dtscnn_dense0.sv
dtscnn_result.sv
dtscnn_core.sv
