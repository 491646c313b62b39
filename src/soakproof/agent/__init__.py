"""The agent: runs inside the target, answers on a Unix socket, imports the standard library alone (Python 3.9 on).

Wire protocol: JSON lines both ways. A request is ``{"op": NAME, ...}``, an answer ``{"ok": true, ...}`` or
``{"ok": false, "error": "one sentence"}``. The socket is ``$SOAKPROOF_AGENT_DIR/<pid>.sock``, in a directory 0700.

====================  =================================================================================================
op                    answer
====================  =================================================================================================
``hello``             pid, ppid, python, executable, argv, agent (version), versions {distribution: version},
                      is_serving (an Engine.IO server object lives here), engines [{class, async_mode,
                      ping_interval_s, ping_timeout_s}], pymalloc (bool)
``ping``              interval_s, timeout_s: set on every Engine.IO server; answers previous {interval_s, timeout_s};
                      nulls restore what was found first
``counters``          metrics: library registries, watched registries, task:total, thread:total. Microseconds.
``watch``             owners [...]: read by ``counters`` from now on; answers watched [...], refused {owner: why}
``objects``           after an optional collection (``collect``): objects, blocks. Tens of milliseconds.
``census``            collect, trim (malloc_trim): metrics, infos (as `soakproof.samples.Metric`), pause_s
``trace_start``       frames: tracemalloc on. ``trace_mark``: remember this moment. ``trace_growth`` {top}: sites
                      [{file, line, function, bytes, count, source}] grown since the mark. ``trace_stop``.
``follow``            owners [...]: from now on note which line makes these containers grow; ``followed``: answers
                      {owner: [{file, line, function, count, source}]} and ends the watching
``explain``           metric, owner: retainers [...], types {name: count}, sites [...] of what came since the mark, note
``stop``              ends the agent
====================  =================================================================================================
"""
