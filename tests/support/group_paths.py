"""Real paths of control groups, and what each tells."""

A, B, TASK = "a1" * 32, "b2" * 32, "d4" * 16
UID = "0a1b2c3d-1111-2222-3333-444455556666"
UID_ = UID.replace("-", "_")
STATIC = "c3" * 16
POD = f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID_}.slice"
USER = "/user.slice/user-1000.slice/user@1000.service"
KIND = f"/docker/{A}/kubelet.slice/kubelet-kubepods.slice/kubelet"
COLON = f"kubepods-burstable-pod{UID_}.slice:cri-containerd:{A}"
NSPAWN = "/machine.slice/systemd-nspawn@"
NONE = (None, None, None)

# expected container, pod and service; expected runtime, path, why
PATHS = [
    ((A, None, None), "docker", f"/docker/{A}", "docker without systemd"),
    ((A, None, None), "docker", f"/system.slice/docker-{A}.scope", "with systemd"),
    ((A, None, None), "docker", f"{USER}/user.slice/docker-{A}.scope", "rootless"),
    ((A, None, None), "docker", f"/system.slice/docker-{A}.scope/init.scope", "init"),
    (
        *((A, None, "nginx.service"), "docker"),
        *(f"/system.slice/docker-{A}.scope/system.slice/nginx.service", "unit inside"),
    ),
    ((B, None, None), "docker", f"/docker/{A}/docker/{B}", "docker in docker"),
    ((B, None, None), "docker", f"/system.slice/docker-{A}.scope/docker/{B}", "mixed"),
    ((A, None, None), "docker", f"/docker/{A}/docker/buildx", "no digits: not deeper"),
    ((A, None, None), "docker", f"/moby/{A}", "docker's namespace in containerd"),
    ((A, None, None), "docker", f"/actions_job/{A}", "a job of GitHub"),
    ((A, None, None), "docker", f"/my.slice/docker-{A}.scope", "a parent of your own"),
    ((A, None, None), "?", f"/mine/{A}", "the same without systemd"),
    ((A, None, None), "?", f"/{A}", "digits alone at the top"),
    (
        *((B, UID, None), "containerd"),
        KIND + f"-kubepods-besteffort-pod{UID_}.slice/cri-containerd-{B}.scope",
        "kind",
    ),
    (
        *((B, UID, None), "kubernetes"),
        *(f"/docker/{A}/kubelet/kubepods/burstable/pod{UID}/{B}", "kind, version 1"),
    ),
    ((A, UID, None), "kubernetes", f"/kubepods/besteffort/pod{UID}/{A}", "best effort"),
    ((A, UID, None), "kubernetes", f"/kubepods/pod{UID}/{A}", "guaranteed"),
    ((A, STATIC, None), "kubernetes", f"/kubepods/burstable/pod{STATIC}/{A}", "static"),
    ((A, UID, None), "containerd", f"{POD}/cri-containerd-{A}.scope", "containerd"),
    ((A, UID, None), "cri-o", f"{POD}/crio-{A}.scope", "cri-o"),
    ((A, UID, None), "cri-o", f"{POD}/crio-{A}.scope/container", "cri-o with crun"),
    ((A, UID, None), "cri-o", f"/kubepods/pod{UID}/crio-{A}", "cri-o without systemd"),
    ((A, UID, None), "docker", f"{POD}/docker-{A}.scope", "docker below kubernetes"),
    (
        *((A, STATIC, None), "containerd"),
        f"/kubepods.slice/kubepods-pod{STATIC}.slice/cri-containerd-{A}.scope",
        "static pod with systemd",
    ),
    (
        *((A, UID, None), "containerd"),
        f"/system.slice/containerd.service/{COLON}",
        "systemd's form as a path",
    ),
    (
        *((A, UID, "nginx.service"), "cri-o"),
        f"/kubepods-pod{UID_}.slice:crio:{A}/system.slice/nginx.service",
        "a unit behind this form",
    ),
    ((A, None, None), "docker", f"/system.slice:docker:{A}", "this form by docker"),
    ((None, UID, None), None, POD, "a pod, but no container"),
    (
        *((None, UID, f"crio-conmon-{A}.scope"), None),
        *(f"{POD}/crio-conmon-{A}.scope", "the monitor of cri-o"),
    ),
    (
        *((None, UID, f"crio-conmon-{A}"), None),
        *(f"/kubepods/pod{UID}/crio-conmon-{A}", "it without systemd"),
    ),
    (
        *((None, None, f"libpod-conmon-{A}.scope"), None),
        *(f"/machine.slice/libpod-conmon-{A}.scope", "the monitor of podman"),
    ),
    ((A, None, None), "podman", f"/machine.slice/libpod-{A}.scope", "podman"),
    ((A, None, None), "podman", f"/machine.slice/libpod-{A}.scope/container", "crun"),
    (
        *((A, B, None), "podman"),
        f"{USER}/user.slice/user-libpod_pod_{B}.slice/libpod-{A}.scope/container",
        "a pod of podman",
    ),
    ((A, B, None), "podman", f"/libpod_parent/{B}/libpod-{A}", "it without systemd"),
    ((A, None, None), "podman", f"/libpod_parent/libpod-{A}", "podman with no pod"),
    (
        (A, None, None),
        "podman",
        f"/system.slice/web.service/libpod-payload-{A}",
        "quad",
    ),
    ((A, None, None), "containerd", f"/default/{A}", "ctr's namespace"),
    ((A, None, None), "containerd", f"/k8s.io/{A}", "the namespace of kubernetes"),
    ((A, None, None), "containerd", f"/system.slice/nerdctl-{A}.scope", "nerdctl"),
    ((A, None, None), "ecs", f"/ecs/{UID}/{A}", "ECS, a task by UUID"),
    ((A, None, None), "ecs", f"/ecs/{TASK}/{A}", "ECS, a task by digits"),
    ((f"{TASK}-17", None, None), "ecs", f"/ecs/{TASK}/{TASK}-17", "ECS on Fargate"),
    (
        *((A, None, None), "docker"),
        *(f"/ecstasks.slice/ecstasks-{TASK}.slice/docker-{A}.scope", "ECS, version 2"),
    ),
    ((UID, None, None), "garden", f"/garden/{UID}", "Cloud Foundry"),
    (("web01", None, None), "lxc", "/lxc.payload.web01", "lxc"),
    (("web01", None, None), "lxc", "/lxc.payload/web01", "lxc 3"),
    (("web01", None, None), "lxc", "/lxc/web01", "lxc 2"),
    (
        ("101", None, "sshd.service"),
        "lxc",
        "/lxc/101/ns/system.slice/sshd.service",
        "px",
    ),
    (
        *(("web01", None, "nginx.service"), "lxc"),
        *("/lxc.payload.web01/system.slice/nginx.service", "a unit inside lxc"),
    ),
    (("b", None, None), "lxc", "/lxc.payload.a/lxc.payload.b", "lxc in lxc"),
    (NONE, None, "/lxc.monitor.web01", "the monitor of lxc"),
    ((A, None, None), "docker", f"/lxc.payload.web01/docker/{A}", "docker in lxc"),
    (
        *(("opnsense", None, None), "libvirt-qemu"),
        r"/machine.slice/machine-qemu\x2d1\x2dopnsense.scope/libvirt/emulator",
        "a virtual machine",
    ),
    (
        *(("my-vm", None, None), "libvirt-qemu"),
        *(r"/machine.slice/machine-qemu\x2d12\x2dmy\x2dvm.scope", "a dash in its name"),
    ),
    (
        *(("vm", None, None), "libvirt-qemu"),
        *(r"/machine.slice/machine-qemu\x2dvm.scope", "an old libvirt: no number"),
    ),
    (("vm", None, None), "libvirt-qemu", "/machine/vm.libvirt-qemu/vcpu0", "older"),
    (("vm", None, None), "libvirt-qemu", "/libvirt/qemu/vm/emulator", "oldest"),
    (
        *(("hub", None, "libvirt_init.scope"), "libvirt-lxc"),
        r"/machine.slice/machine-lxc\x2d969\x2dhub.scope/libvirt_init.scope",
        "lxc by libvirt",
    ),
    (("vm1", None, None), "nspawn", "/machine.slice/machine-vm1.scope", "machined"),
    (("é-1", None, None), "nspawn", r"/machine-\xc3\xa9\x2d1.scope", "escaped bytes"),
    (
        *(("deb", None, None), "nspawn"),
        *("/machine.slice/systemd-nspawn@deb.service/payload", "nspawn"),
    ),
    (
        *(("my-deb", None, "ssh.service"), "nspawn"),
        NSPAWN + r"my\x2ddeb.service/payload/system.slice/ssh.service",
        "a unit in nspawn",
    ),
    (("7", None, None), "slurm job", "/slurm/uid_1000/job_7/step_batch/task_0", "v1"),
    (("7", None, None), "slurm job", "/slurm_n1/uid_0/job_7/step_0", "many slurmds"),
    (
        *(("7", None, None), "slurm job"),
        *("/system.slice/slurmstepd.scope/job_7/step_0/user/task_0", "version 2"),
    ),
    (
        *(("7", None, None), "slurm job"),
        *("/system.slice/n1_slurmstepd.scope/job_7/step_0", "version 2, many slurmds"),
    ),
    (
        (None, None, "slurmstepd.scope"),
        None,
        "/system.slice/slurmstepd.scope/system",
        "d",
    ),
    (NONE, None, "/ci/job_7", "a job of somebody else"),
    ((None, None, "nginx.service"), None, "/system.slice/nginx.service", "a service"),
    ((None, None, "nginx.service"), None, "/system.slice/nginx.service/w/1", "its own"),
    (
        *((None, None, "getty@tty1.service"), None),
        *("/system.slice/system-getty.slice/getty@tty1.service", "an instance"),
    ),
    (
        *((None, None, "session-4.scope"), None),
        *("/user.slice/user-1000.slice/session-4.scope", "a login"),
    ),
    (
        *((None, None, "app-org.kde.konsole-5257.scope"), None),
        *(f"{USER}/app.slice/app-org.kde.konsole-5257.scope", "an application"),
    ),
    (
        *((None, None, "pipewire.service"), None),
        *(f"{USER}/session.slice/pipewire.service", "a service of a user"),
    ),
    ((None, None, "user@1000.service"), None, f"{USER}/init.scope", "the user's own"),
    ((None, None, "user@1000.service"), None, f"{USER}/app.slice", "a slice of theirs"),
    (
        (None, None, "docker.service"),
        None,
        "/system.slice/docker.service",
        "the daemon",
    ),
    (
        *((None, None, r"dev-disk-by\x2duuid.swap"), None),
        *(r"/system.slice/dev-disk-by\x2duuid.swap", "a unit's name stays as it is"),
    ),
    (NONE, None, "/init.scope", "systemd itself"),
    (NONE, None, "/", "the root"),
    (NONE, None, "", "nothing"),
    (NONE, None, "/user.slice", "a slice"),
    (NONE, None, "/docker/registry", "a group that only lies there"),
    (NONE, None, f"/jobs/{TASK}", "32 digits say too little"),
    (NONE, None, f"/{A[:63]}", "one digit is missing"),
    ((A, None, None), "docker", f"/docker/{A} (deleted)", "the group is gone"),
    (NONE, None, "/..", "outside of the namespace"),
    (
        *((A, UID, None), "containerd"),
        *(f"/../..{POD}/cri-containerd-{A}.scope", "outside, with the path"),
    ),
]
