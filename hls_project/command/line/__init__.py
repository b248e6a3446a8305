"""The verbs as the command line has them: arguments, options, help, and how they end; what they do is imported when they run."""
