# The block design: processing system, AXI DMA, interrupt controller, and the shell with the core.
#
#   processing system --control--> control_bus --> registers of axi_dma_0, axi_intc_0 and dtscnn_0
#   axi_dma_0 --memory_bus--> memory of the processing system
#   axi_dma_0 ==frames==> dtscnn_0 ==results==> axi_dma_0
#   axi_dma_0 --interrupts--> axi_intc_0 --> processing system
#
# `settings` is a dictionary from the board's file and the model: see hls_project/overlay/vivado/scripts.py.

proc dtscnn_block_design {settings} {
    set bus_bits [dict get $settings bus_bits]
    set address_bits [dict get $settings address_bits]
    set ports [dict get $settings ports]
    create_bd_design overlay

    set processor [dtscnn_cell processor [dict get $settings processor] [dict get $settings processor_settings]]
    dtscnn_cell axi_dma_0 xilinx.com:ip:axi_dma [list \
        c_include_sg 0 c_sg_length_width 26 c_addr_width $address_bits \
        c_include_mm2s 1 c_include_mm2s_dre 0 c_m_axi_mm2s_data_width $bus_bits c_m_axis_mm2s_tdata_width $bus_bits \
        c_include_s2mm 1 c_include_s2mm_dre 0 c_m_axi_s2mm_data_width $bus_bits]
    create_bd_cell -type module -reference dtscnn_axi dtscnn_0
    dtscnn_cell axi_intc_0 xilinx.com:ip:axi_intc {C_IRQ_CONNECTION 1}
    dtscnn_cell interrupts xilinx.com:ip:xlconcat {NUM_PORTS 2}
    dtscnn_cell control_bus xilinx.com:ip:smartconnect {NUM_SI 1 NUM_MI 3}
    dtscnn_cell memory_bus xilinx.com:ip:smartconnect {NUM_SI 2 NUM_MI 1}
    dtscnn_cell reset xilinx.com:ip:proc_sys_reset {}

    # The registers.
    dtscnn_interface processor/[dict get $ports control] control_bus/S00_AXI
    dtscnn_interface control_bus/M00_AXI axi_dma_0/S_AXI_LITE
    dtscnn_interface control_bus/M01_AXI axi_intc_0/s_axi
    dtscnn_interface control_bus/M02_AXI dtscnn_0/s_axi_lite

    # The memory.
    dtscnn_interface axi_dma_0/M_AXI_MM2S memory_bus/S00_AXI
    dtscnn_interface axi_dma_0/M_AXI_S2MM memory_bus/S01_AXI
    dtscnn_interface memory_bus/M00_AXI processor/[dict get $ports memory]

    # Frames and results.
    dtscnn_interface axi_dma_0/M_AXIS_MM2S dtscnn_0/s_axis
    dtscnn_interface dtscnn_0/m_axis axi_dma_0/S_AXIS_S2MM

    # Interrupts: pynq finds the controller's inputs through the concatenation.
    dtscnn_net axi_dma_0/mm2s_introut interrupts/In0
    dtscnn_net axi_dma_0/s2mm_introut interrupts/In1
    dtscnn_net interrupts/dout axi_intc_0/intr
    dtscnn_net axi_intc_0/irq processor/[dict get $ports interrupt]

    # One clock and its reset.
    dtscnn_net processor/[dict get $ports clock] \
        processor/[dict get $ports control_clock] processor/[dict get $ports memory_clock] reset/slowest_sync_clk \
        control_bus/aclk memory_bus/aclk axi_dma_0/s_axi_lite_aclk axi_dma_0/m_axi_mm2s_aclk axi_dma_0/m_axi_s2mm_aclk \
        axi_intc_0/s_axi_aclk dtscnn_0/aclk
    dtscnn_net processor/[dict get $ports reset] reset/ext_reset_in
    dtscnn_net reset/peripheral_aresetn \
        control_bus/aresetn memory_bus/aresetn axi_dma_0/axi_resetn axi_intc_0/s_axi_aresetn dtscnn_0/aresetn

    foreach interface [dict get $ports external] {
        make_bd_intf_pins_external [get_bd_intf_pins processor/$interface]
    }

    # Registers where the board's file wants them, and the memory wherever the processing system has it.
    foreach {cell interface} {axi_dma_0 S_AXI_LITE axi_intc_0 S_AXI dtscnn_0 s_axi_lite} {
        set segment [get_bd_addr_segs $cell/$interface/*]
        if {[llength $segment] != 1} {
            error "$cell/$interface must have one address segment, not [llength $segment]"
        }
        assign_bd_address -target_address_space [get_bd_addr_spaces processor/Data] \
            -offset [dict get $settings addresses $cell] $segment
    }
    assign_bd_address

    validate_bd_design
    save_bd_design
}

# Add the newest version of an IP that this Vivado has; `properties` are names and values in turn.
proc dtscnn_cell {name ip properties} {
    set cell [create_bd_cell -type ip -vlnv $ip:* $name]
    set configuration {}
    foreach {property value} $properties {
        lappend configuration CONFIG.$property $value
    }
    if {[llength $configuration]} {
        set_property -dict $configuration $cell
    }
    return $cell
}

proc dtscnn_interface {from to} {
    connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
}

proc dtscnn_net {from args} {
    foreach to $args {
        connect_bd_net [get_bd_pins $from] [get_bd_pins $to]
    }
}
