"""Programs that use boto3: those whose calls can be resolved, with the expected operations, and those that cannot."""

from __future__ import annotations

RESOLVED = {
    "a global": ("s = boto3.client('sqs')\ndef handle(e, c): s.send_message(QueueUrl='')", {"sqs.send_message"}),
    "a chain": ("boto3.client('sqs').send_message()", {"sqs.send_message"}),
    "by keyword": ("boto3.client(service_name='sqs').send_message()", {"sqs.send_message"}),
    "another name": ("import boto3 as b\nb.client('sns').publish()", {"sns.publish"}),
    "imported": ("from boto3 import client\nclient('sns').publish()", {"sns.publish"}),
    "a session": ("boto3.Session().client('sns').publish()", {"sns.publish"}),
    "a session's module": ("boto3.session.Session(region_name='x').client('sns').publish()", {"sns.publish"}),
    "a session of botocore's": (
        "from botocore.session import get_session\nget_session().create_client('sns').publish()",
        {"sns.publish"},
    ),
    "a session of botocore's, by its class": (
        "from botocore.session import Session as S\nS().create_client('sns').publish()",
        {"sns.publish"},
    ),
    "an attribute": (
        "class A:\n def __init__(self): self._s = boto3.client('sns')\n def go(self): self._s.publish()",
        {"sns.publish"},
    ),
    "an argument": ("def f(s): s.publish()\nf(boto3.client('sns'))", {"sns.publish"}),
    "a named argument": ("def f(*, s=None): s.publish()\nf(s=boto3.client('sns'))", {"sns.publish"}),
    "a result": ("def f(): return boto3.client('sns')\nf().publish()", {"sns.publish"}),
    "a service name as argument": ("def f(name): return boto3.client(name)\nf('sns').publish()", {"sns.publish"}),
    "a constant": ("NAME = 'sns'\nboto3.client(NAME).publish()", {"sns.publish"}),
    "a tuple": (
        "a, b = boto3.client('sns'), boto3.client('sqs')\na.publish()\nb.send_message()",
        {"sns.publish", "sqs.send_message"},
    ),
    "a dictionary": ("m = {}\nm['a'] = boto3.client('sns')\nm['a'].publish()", {"sns.publish"}),
    "a loop": ("for s in [boto3.client('sns')]: s.publish()", {"sns.publish"}),
    "a cached factory function": (
        "from functools import cache\n@cache\ndef f(): return boto3.client('sns')\nf().publish()",
        {"sns.publish"},
    ),
    "a property": (
        "class A:\n @property\n def s(self): return boto3.client('sns')\n def go(self): self.s.publish()",
        {"sns.publish"},
    ),
    "a base class": (
        (
            "class A:\n def __init__(self, s): self.s = s\nclass B(A):\n def go(self): self.s.publish()\n"
            "B(boto3.client('sns')).go()"
        ),
        {"sns.publish"},
    ),
    "super": (
        (
            "class A:\n def __init__(self, s): self.s = s\n"
            "class B(A):\n def __init__(self, s): super().__init__(s)\n def go(self): self.s.publish()\n"
            "B(boto3.client('sns'))"
        ),
        {"sns.publish"},
    ),
    "a dataclass": (
        (
            "from dataclasses import dataclass\n@dataclass\nclass A:\n s: object\n def go(self): self.s.publish()\n"
            "A(boto3.client('sns')).go()"
        ),
        {"sns.publish"},
    ),
    "a context manager": (
        (
            "from contextlib import contextmanager\n@contextmanager\ndef f(): yield boto3.client('sns')\n"
            "with f() as s: s.publish()"
        ),
        {"sns.publish"},
    ),
    "a decorator that passes a client": (
        "def d(f):\n def g(*a): return f(boto3.client('sns'), *a)\n return g\n@d\ndef h(s, e): s.publish()",
        {"sns.publish"},
    ),
    "created lazily": (
        "S = None\ndef f():\n global S\n if S is None: S = boto3.client('sns')\n return S\nf().publish()",
        {"sns.publish"},
    ),
    "a paginator": ("boto3.client('dynamodb').get_paginator('scan').paginate()", {"dynamodb.scan"}),
    "a waiter": ("boto3.client('s3').get_waiter('object_exists').wait()", {"s3.head_object"}),
    "a presigned URL": ("boto3.client('s3').generate_presigned_url('get_object')", {"s3.get_object"}),
    "getattr of a constant": ("getattr(boto3.client('sns'), 'publish')()", {"sns.publish"}),
    "getattr of an attribute of self": (
        "class A:\n def __init__(self): self.s = boto3.client('sns')\n def go(self): getattr(self, 's').publish()",
        {"sns.publish"},
    ),
    "a default factory": (
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n"
            " s: object = field(default_factory=lambda: boto3.client('sns'))\n def go(self): self.s.publish()"
        ),
        {"sns.publish"},
    ),
    "an annotated field": (
        "from mypy_boto3_sns import SNSClient\nclass A:\n s: SNSClient\n def go(self): self.s.publish()",
        {"sns.publish"},
    ),
    "a method as a value": ("p = boto3.client('sns').publish\np()", {"sns.publish"}),
    "a table": ("t = boto3.resource('dynamodb').Table('x')\nt.put_item(Item={})", {"dynamodb.put_item"}),
    "a batch": (
        "with boto3.resource('dynamodb').Table('x').batch_writer() as b: b.put_item(Item={})",
        {"dynamodb.batch_write_item"},
    ),
    "a bucket": ("for o in boto3.resource('s3').Bucket('x').objects.all(): o.key", {"s3.list_objects_v2"}),
    "a message": (
        "for m in boto3.resource('sqs').Queue('x').receive_messages(): m.delete()",
        {"sqs.receive_message", "sqs.delete_message"},
    ),
    "a resource's client": ("boto3.resource('s3').meta.client.upload_file()", {"s3.upload_file"}),
    "errors of a client": (
        "s = boto3.client('sqs')\ntry: s.send_message()\nexcept s.exceptions.X: pass",
        {"sqs.send_message"},
    ),
    "other credentials": (
        (
            "c = boto3.client('sts').assume_role()['Credentials']\n"
            "boto3.client('s3', aws_access_key_id=c['x'], aws_secret_access_key='').get_object()"
        ),
        {"sts.assume_role"},
    ),
    "an annotation": (
        "from mypy_boto3_dynamodb import DynamoDBClient\ndef f(c: DynamoDBClient | None): c.query()",
        {"dynamodb.query"},
    ),
    "for the type checker": (
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from somewhere import X\n"
            " from mypy_boto3_sqs.client import SQSClient\n"
            "def f(c: 'SQSClient'): c.purge_queue()"
        ),
        {"sqs.purge_queue"},
    ),
    "nothing": ("def handle(e, c): return e.get('put_item')", set()),
}

UNRESOLVED = {
    "an unknown service": "import os\nboto3.client(os.environ['S']).publish()",
    "one of several services": "import os\nN = 'sns'\nN = os.environ['S']\nboto3.client(N).publish()",
    "getattr": "def handle(e, c): getattr(boto3.client('sns'), e['verb'])()",
    "getattr of boto3": "def handle(e, c): getattr(boto3, e['kind'])('sns')",
    "unpacked arguments": "def handle(e, c): boto3.client(**e)",
    "an unknown helper": "import helper_of_somebody\nhelper_of_somebody.run(boto3.client('sns'))",
    "an unknown library": "import s3fs",
    "a standard library function": "from functools import partial\npartial(print, boto3.client('sns'))",
    "threads": "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(f, boto3.client('sns'))",
    "an unknown operation": "boto3.client('sns').no_such_operation()",
    "an unknown kind of object": "boto3.resource('ec2').Instance('i').stop()",
    "an unknown paginator": "def handle(e, c): boto3.client('sns').get_paginator(e['x'])",
    "an unknown attribute of self": (
        "class A:\n def __init__(self): self.s = boto3.client('sns')\n def go(self, n): getattr(self, n).publish()"
    ),
    "a callable object": "class A:\n def __call__(self): return boto3.client('sns')\nA()().publish()",
    "an object with __getitem__": "class A:\n def __getitem__(self, n): return boto3.client('sns')\nA()['x'].publish()",
    "eval": "def handle(e, c): eval(e['x'])",
    "importlib": "import importlib",
    "subprocess": "import subprocess",
    "botocore's session": "import botocore.session",
    "all of botocore's session": "from botocore.session import *",
    "credentials of a session": "from botocore.session import get_session\nget_session().set_credentials('a', 'b')",
    "an unknown client of botocore's": "from botocore.session import get_session\nget_session().create_client(e['s'])",
    "the default session": "boto3.setup_default_session()",
    "Powertools parameters": "from aws_lambda_powertools.utilities import parameters",
    "an append": "l = []\nl.append(boto3.client('sns'))",
    "a private method": "boto3.client('sns')._make_api_call('Publish', {})",
    "a syntax error": "def handle(:",
    "a null byte": "x = 1\0",
    "deep nesting": "x = " + "(" * 300 + ")" * 300,
    "deeply nested additions": "x = " + "+".join("1" for _ in range(20000)),
}
