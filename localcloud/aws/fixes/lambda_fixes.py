"""Changes to ministack's Lambda: our processes run the functions, our poller the mappings, and validation is AWS's.

ministack runs a handler in a process that ends with every exception and survives a killed server, treats an invalid
partial batch response as success, ignores the batching window, polls without the role's permissions, and edits a
queue's messages from another thread than the one that serves SendMessage, which can lose a message.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from ministack import app
from ministack.core.responses import error_response_json, json_response
from ministack.services import lambda_svc, sqs

from localcloud.aws import subnets
from localcloud.aws.functions import validation
from localcloud.aws.functions.poller import POLLERS
from localcloud.aws.functions.pool import POOL
from localcloud.aws.http_messages import AwsError
from localcloud.aws.patching import private, replace

if TYPE_CHECKING:
    from collections.abc import Callable

functions = private(lambda_svc, "_functions")
mappings = private(lambda_svc, "_esms")
trace_header = private(lambda_svc, "_xray_trace_id_for_invocation")
running_durably = private(lambda_svc, "_durable_ctx")

ECHOED: Final = ("KMSKeyArn", "LoggingConfig", "MetricsConfig", "ProvisionedPollerConfig")
"""Properties of an event source mapping that ministack drops."""

READY_SECONDS: Final = 0.05
"""Seconds that a new or changed function is Pending: long enough to be observed, short enough not to matter."""

Answer = tuple[int, dict[str, str], bytes]


def apply() -> None:
    """Apply the changes."""
    _runtime()
    _functions()
    _mappings()


def _runtime() -> None:
    replace(lambda_svc, "_LAMBDA_STATE_TRANSITION_DELAY", READY_SECONDS)
    original = private(lambda_svc, "_execute_function_dispatch")

    def dispatch(func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float) -> Any:
        """Run Python functions in our pool; called from a thread of ministack's, never from the event loop."""
        if not str(config.get("Runtime", "")).startswith("python") or running_durably.get():
            return original(func, config, event, request_id, started)
        record = {"config": config, "code_zip": func.get("code_zip")}
        call = POOL.invoke(record, event, request_id, config["FunctionArn"], trace_header(config))
        return Context().run(asyncio.run_coroutine_threadsafe, call, private(app, "_MAIN_LOOP")).result()

    replace(lambda_svc, "_execute_function_dispatch", dispatch)
    ended = private(lambda_svc, "invalidate_worker")

    def invalidate(func_name: str, qualifier: str | None = None, **rest: Any) -> None:
        POOL.retire(func_name, qualifier)
        ended(func_name, qualifier, **rest)

    replace(lambda_svc, "invalidate_worker", invalidate)

    def reserved(func: dict[str, Any] | None, config: dict[str, Any]) -> int | None:
        """Reserved concurrency belongs to the function; ministack looks it up at the version."""
        found = ((functions.get(config.get("FunctionName")) or func) or {}).get("concurrency")
        return None if found is None else int(found)

    replace(lambda_svc, "_reserved_concurrency", reserved)


def _functions() -> None:
    create, update = private(lambda_svc, "_create_function"), private(lambda_svc, "_update_config")

    def creatable(data: dict[str, Any]) -> None:
        validation.check_code(data)
        validation.check_function(data["FunctionName"], data)

    replace(lambda_svc, "_create_function", _checked(create, creatable))

    def checked_update(name: str, data: dict[str, Any]) -> Answer:
        return _checked(lambda wanted: update(name, wanted), lambda wanted: validation.check_function(name, wanted))(
            data
        )

    replace(lambda_svc, "_update_config", checked_update)
    policy = private(lambda_svc, "_get_policy")

    def got_policy(func_name: str, *rest: Any) -> Answer:
        """A function without permissions has no policy; ministack returns an empty one."""
        if func_name in functions and not functions[func_name]["policy"]["Statement"]:
            message = "The resource you requested does not exist."
            missing: Answer = error_response_json("ResourceNotFoundException", message, 404)
            return missing
        found: Answer = policy(func_name, *rest)
        return found

    replace(lambda_svc, "_get_policy", got_policy)
    with_id = private(lambda_svc, "_vpc_config_with_id")

    def with_network(wanted: Any) -> Any:
        """Add the VPC of a function's subnets, which moto stores."""
        found = with_id(wanted)
        if found and found.get("SubnetIds"):
            found["VpcId"] = subnets.vpc_of(found["SubnetIds"][0]) or ""
        return found

    replace(lambda_svc, "_vpc_config_with_id", with_network)


def _mappings() -> None:
    create, update = private(lambda_svc, "_create_esm"), private(lambda_svc, "_update_esm")

    def created(data: dict[str, Any]) -> Answer:
        before = set(mappings.keys())
        answer: Answer = create(data)
        for uuid in set(mappings.keys()) - before:
            mapping = mappings[uuid]
            mapping |= {name: data[name] for name in ECHOED if name in data}
            if ":sqs:" in mapping["EventSourceArn"]:
                POLLERS.watch(uuid)
            answer = json_response(private(lambda_svc, "_esm_response")(mapping), 202)
        return answer

    def checked_create(data: dict[str, Any]) -> Answer:
        wanted = {"BatchSize": 10, **data}
        if ":sqs:" not in str(data.get("EventSourceArn")):
            return created(data)
        return _checked(created, _checked_mapping)(wanted)

    def checked_update(uuid: str, data: dict[str, Any]) -> Answer:
        mapping = mappings.get(uuid)
        if mapping is None or ":sqs:" not in mapping["EventSourceArn"]:
            answer: Answer = update(uuid, data)
            return answer
        function = data.get("FunctionName", mapping["FunctionArn"])
        after = {**mapping, **data, "FunctionName": function}

        def updated(_after: dict[str, Any]) -> Answer:
            mapping.update({name: data[name] for name in ECHOED if name in data})
            answer: Answer = update(uuid, data)
            POLLERS.set()
            return answer

        return _checked(updated, validation.check_mapping)(after)

    replace(lambda_svc, "_create_esm", checked_create)
    replace(lambda_svc, "_update_esm", checked_update)
    replace(lambda_svc, "_poll_sqs", lambda: False)  # ours polls queues, ministack's goes on with streams
    replace(sqs, "esm_wake", POLLERS)


def _checked_mapping(wanted: dict[str, Any]) -> None:
    validation.check_mapping(wanted)
    for mapping in mappings.values():
        same_function = mapping["FunctionArn"].endswith(f":{wanted['FunctionName'].rpartition('function:')[2]}")
        if mapping["EventSourceArn"] == wanted["EventSourceArn"] and same_function:
            message = f"An event source mapping with SQS arn ({wanted['EventSourceArn']}) and function "
            raise AwsError(
                "ResourceConflictException",
                f"{message}({wanted['FunctionName']}) already exists. Please update or delete the existing mapping "
                f"with UUID {mapping['UUID']}",
                409,
            )


def _checked(
    action: Callable[[dict[str, Any]], Answer], check: Callable[[dict[str, Any]], None]
) -> Callable[[dict[str, Any]], Answer]:
    def checked(data: dict[str, Any]) -> Answer:
        try:
            check(data)
        except AwsError as error:
            answer: Answer = error_response_json(error.code, error.message, error.status)
            return answer
        return action(data)

    return checked
