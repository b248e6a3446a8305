// Stands in for the IP of Vitis HLS: its ports, around the core of target rtl, whose words it gathers into one beat.
module dtscnn (
    input logic ap_clk, ap_rst_n, ap_start,
    output logic ap_done, ap_idle, ap_ready,
    input logic [7:0] image_TDATA, input logic image_TVALID, output logic image_TREADY,
    output logic [351:0] RESULT_TDATA, output logic RESULT_TVALID, input logic RESULT_TREADY
);
    logic [31:0] data;
    logic last, valid, ready;
    assign {ap_done, ap_idle, ap_ready} = {1'b0, 1'b0, ap_start};
    assign ready = !RESULT_TVALID;
    always_ff @(posedge ap_clk)
        if (!ap_rst_n) RESULT_TVALID <= 1'b0;
        else if (valid && ready) begin
            RESULT_TDATA <= {data, RESULT_TDATA[351:32]};
            RESULT_TVALID <= last;
        end else if (RESULT_TREADY) RESULT_TVALID <= 1'b0;
    stand_in core (
        .clk(ap_clk), .rst(!ap_rst_n), .pixel_data(image_TDATA), .pixel_valid(image_TVALID), .pixel_ready(image_TREADY),
        .result_data(data), .result_last(last), .result_valid(valid), .result_ready(ready)
    );
endmodule
