    assign beat = spikes;
    assign beat_valid = spikes_valid;
