"""The console command `dt-scnn`: the verbs of all packages, in the order in which they are needed."""
