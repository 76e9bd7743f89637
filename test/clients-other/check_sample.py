"""Runs the sample of the Batch sign-in article as printed, with only its ids and the account URL filled in, then works with
the client that it made. `china` also replaces the hosts, as the article for Azure China prints them."""
import os
import pathlib
import sys
import time

from azure.batch import models
from msrest.exceptions import AuthenticationError
from msrestazure.azure_cloud import AZURE_CHINA_CLOUD

PRINTED = pathlib.Path(__file__).with_name("batch_sample.py").read_text()
POOL = "python-pool"
JOB = "python-job"


def filled(secret, resource=None):
    """The printed text with the ids of this environment."""
    text = PRINTED
    for placeholder, value in {
        "<tenant-id>": os.environ["AZURE_TENANT_ID"],
        "<application-id>": os.environ["AZURE_CLIENT_ID"],
        "<secret-key>": secret,
        "https://<myaccount>.<mylocation>.batch.azure.com": os.environ["AZURE_BATCH_ENDPOINT"],
    }.items():
        assert placeholder in text, placeholder
        text = text.replace(placeholder, value)
    if resource is not None:
        text = text.replace("https://batch.core.windows.net/", resource)
    return text


def client_of(secret, china, resource=None):
    """The `batch_client` that the sample makes."""
    names = {}
    if china:
        resource = resource or "https://batch.chinacloudapi.cn/"
        text = filled(secret, resource)
        # The library signs in at the public cloud unless it is told; the article leaves that out.
        text = text.replace("resource=RESOURCE", "resource=RESOURCE, cloud_environment=CHINA")
        names["CHINA"] = AZURE_CHINA_CLOUD
    else:
        text = filled(secret, resource)
    exec(compile(text, "batch_sample.py", "exec"), names)
    return names["batch_client"]


def work(client):
    """A pool, a job and a task that really runs; returns what it wrote."""
    image = models.ImageReference(
        publisher="canonical", offer="0001-com-ubuntu-server-jammy", sku="22_04-lts", version="latest"
    )
    machine = models.VirtualMachineConfiguration(
        image_reference=image, node_agent_sku_id="batch.node.ubuntu 22.04"
    )
    client.pool.add(models.PoolAddParameter(
        id=POOL, vm_size="standard_d2s_v3", virtual_machine_configuration=machine, target_dedicated_nodes=1
    ))
    client.job.add(models.JobAddParameter(id=JOB, pool_info=models.PoolInformation(pool_id=POOL)))
    tasks = [models.TaskAddParameter(id="t%d" % n, command_line="/bin/echo hello %d" % n) for n in range(3)]
    results = client.task.add_collection(JOB, tasks).value
    assert [str(result.status.value) for result in results] == ["success"] * 3, results
    deadline = time.monotonic() + 90
    while any(task.state != models.TaskState.completed for task in client.task.list(JOB)):
        assert time.monotonic() < deadline, "the tasks did not end in time"
        time.sleep(0.5)
    return [b"".join(client.file.get_from_task(JOB, "t%d" % n, "stdout.txt")) for n in range(3)]


def refused(call, code):
    """Expects the Batch service to refuse with this code."""
    try:
        call()
    except models.BatchErrorException as error:
        assert error.error.code == code, (error.error.code, code)
        return
    raise AssertionError("it was allowed, and %s was expected" % code)


def main():
    china = sys.argv[1:] == ["china"]
    secret = os.environ["AZURE_CLIENT_SECRET"]
    client = client_of(secret, china)
    assert list(client.job.list()) == []
    assert work(client) == [b"hello 0\n", b"hello 1\n", b"hello 2\n"]
    print("ok: the sample signs in and its tasks ran")

    refused(lambda: client.job.get("nowhere"), "JobNotFound")
    refused(lambda: client.job.add(models.JobAddParameter(
        id=JOB, pool_info=models.PoolInformation(pool_id=POOL))), "JobExists")
    print("ok: the service's refusals are read")

    try:
        list(client_of("not-the-secret", china).job.list())
        raise AssertionError("a wrong secret was accepted")
    except AuthenticationError as error:
        assert "AADSTS7000215" in str(error), error
    print("ok: a wrong secret is refused with AADSTS7000215")

    if china:
        try:
            client_of(secret, False, client_resource(china))
            raise AssertionError("the public cloud gave a token for Azure China")
        except AuthenticationError as error:
            assert "AADSTS500011" in str(error), error
        print("ok: without naming the cloud it signs in at the public one, which does not know the resource")

    slashless = client_of(secret, china, client_resource(china).rstrip("/"))
    refused(lambda: list(slashless.job.list()), "AuthenticationFailed")
    assert [job.id for job in client.job.list()] == [JOB]
    print("ok: an audience without its slash is refused, and nothing has changed")


def client_resource(china):
    """The audience of Batch in this cloud."""
    return "https://batch.chinacloudapi.cn/" if china else "https://batch.core.windows.net/"


main()
