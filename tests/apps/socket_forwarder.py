"""Forwards one Unix socket to another, as `ssh -L` and socat do: socket_forwarder.py LISTEN CONNECT."""

import asyncio
import sys


async def pour(reader, writer):
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


async def main(listen, connect):
    async def forward(reader, writer):
        there_reader, there_writer = await asyncio.open_unix_connection(connect)
        await asyncio.gather(pour(reader, there_writer), pour(there_reader, writer), return_exceptions=True)

    server = await asyncio.start_unix_server(forward, listen)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
