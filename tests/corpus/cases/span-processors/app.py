"""python-socketio, traced by OpenTelemetry for Sentry: what it asks other services for carries the trace along."""

import sentry_sdk
import socketio
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from sentry_sdk.integrations.opentelemetry import SentryPropagator, SentrySpanProcessor

sentry_sdk.init(traces_sample_rate=1.0, instrumenter="otel")
provider = TracerProvider()
provider.add_span_processor(SentrySpanProcessor())
trace.set_tracer_provider(provider)
propagate.set_global_textmap(SentryPropagator())
tracer = trace.get_tracer(__name__)

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    with tracer.start_as_current_span("connect"):
        headers = {}
        propagate.inject(headers)
        await sio.emit("profile", headers, to=sid)
