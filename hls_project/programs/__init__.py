"""Programs: compilers and simulators started, watched and ended; what they and libraries print kept or dropped."""
