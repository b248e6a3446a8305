"""Hardware targets: each turns the spiking hls4ml graph into files that a tool builds."""
