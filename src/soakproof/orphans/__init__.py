"""What a run has started and would outlive it: found and ended when soakproof is killed (`guard`, `watchdog`)."""
