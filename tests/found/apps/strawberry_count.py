"""A subscription of Strawberry GraphQL, over its WebSocket."""

import asyncio
from collections.abc import AsyncIterator

import strawberry
from strawberry.asgi import GraphQL


@strawberry.type
class Query:
    hello: str = "hello"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self) -> AsyncIterator[int]:
        for number in range(10_000):
            yield number
            await asyncio.sleep(0.5)


app = GraphQL(strawberry.Schema(Query, subscription=Subscription))
