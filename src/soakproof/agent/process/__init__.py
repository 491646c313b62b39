"""What runs in the process: Engine.IO servers, tasks, threads, descriptors, memory."""
