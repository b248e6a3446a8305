// The cell `dtscnn_0` of the block design: the shell with one network's parameters. Plain Verilog, because Vivado takes no
// SystemVerilog file as the top of a cell.
`default_nettype none
module dtscnn_axi (
    (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axis:m_axis:s_axi_lite, ASSOCIATED_RESET aresetn" *)
    input  wire aclk,
    (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
    (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
    input  wire aresetn,
    input  wire [${BUS_BITS}-1:0] s_axis_tdata,
    input  wire [${BUS_BITS}/8-1:0] s_axis_tkeep,
    input  wire s_axis_tlast,
    input  wire s_axis_tvalid,
    output wire s_axis_tready,
    output wire [${BUS_BITS}-1:0] m_axis_tdata,
    output wire [${BUS_BITS}/8-1:0] m_axis_tkeep,
    output wire m_axis_tlast,
    output wire m_axis_tvalid,
    input  wire m_axis_tready,
    input  wire [11:0] s_axi_lite_awaddr,
    input  wire s_axi_lite_awvalid,
    output wire s_axi_lite_awready,
    input  wire [31:0] s_axi_lite_wdata,
    input  wire [3:0] s_axi_lite_wstrb,
    input  wire s_axi_lite_wvalid,
    output wire s_axi_lite_wready,
    output wire [1:0] s_axi_lite_bresp,
    output wire s_axi_lite_bvalid,
    input  wire s_axi_lite_bready,
    input  wire [11:0] s_axi_lite_araddr,
    input  wire s_axi_lite_arvalid,
    output wire s_axi_lite_arready,
    output wire [31:0] s_axi_lite_rdata,
    output wire [1:0] s_axi_lite_rresp,
    output wire s_axi_lite_rvalid,
    input  wire s_axi_lite_rready
);
    dtscnn_shell #(
        .BUS_BITS(${BUS_BITS}),
        .HEIGHT(${HEIGHT}),
        .WIDTH(${WIDTH}),
        .CHANNELS(${CHANNELS}),
        .PIXELS(${PIXELS}),
        .CLASSES(${CLASSES}),
        .BUILD_ID(${BUILD_ID})
    ) shell (
        .aclk(aclk),
        .aresetn(aresetn),
        .s_axis_tdata(s_axis_tdata),
        .s_axis_tkeep(s_axis_tkeep),
        .s_axis_tlast(s_axis_tlast),
        .s_axis_tvalid(s_axis_tvalid),
        .s_axis_tready(s_axis_tready),
        .m_axis_tdata(m_axis_tdata),
        .m_axis_tkeep(m_axis_tkeep),
        .m_axis_tlast(m_axis_tlast),
        .m_axis_tvalid(m_axis_tvalid),
        .m_axis_tready(m_axis_tready),
        .s_axi_lite_awaddr(s_axi_lite_awaddr),
        .s_axi_lite_awvalid(s_axi_lite_awvalid),
        .s_axi_lite_awready(s_axi_lite_awready),
        .s_axi_lite_wdata(s_axi_lite_wdata),
        .s_axi_lite_wstrb(s_axi_lite_wstrb),
        .s_axi_lite_wvalid(s_axi_lite_wvalid),
        .s_axi_lite_wready(s_axi_lite_wready),
        .s_axi_lite_bresp(s_axi_lite_bresp),
        .s_axi_lite_bvalid(s_axi_lite_bvalid),
        .s_axi_lite_bready(s_axi_lite_bready),
        .s_axi_lite_araddr(s_axi_lite_araddr),
        .s_axi_lite_arvalid(s_axi_lite_arvalid),
        .s_axi_lite_arready(s_axi_lite_arready),
        .s_axi_lite_rdata(s_axi_lite_rdata),
        .s_axi_lite_rresp(s_axi_lite_rresp),
        .s_axi_lite_rvalid(s_axi_lite_rvalid),
        .s_axi_lite_rready(s_axi_lite_rready)
    );
endmodule
`default_nettype wire
