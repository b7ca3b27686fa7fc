"""What checks of SELinux and AppArmor ask for; each part says whether it applies to the host."""

from functools import cached_property

from hostprobe.facts.files import Absent, Files, Missing
from hostprobe.model.apparmor.uncovered import UncoveredPaths, confinements, uncovered_paths
from hostprobe.model.denials import Denials, ProfileDenials, read_denials
from hostprobe.model.denied import SelinuxDenials, causes
from hostprobe.model.instance import PythonTopology, Topology
from hostprobe.model.labels import WrongLabels, wrong_labels
from hostprobe.model.outbound import ClosedBooleans, closed_booleans
from hostprobe.model.python.doing import Applications
from hostprobe.model.selinux import selinux_mode


class MandatoryAccess:
    """Of one root; its logs are read once."""

    def __init__(self, files: Files, *, is_live: bool) -> None:
        self._files = files
        self._is_live = is_live

    @cached_property
    def denials(self) -> Denials | Missing | Absent:
        """What the logs tell."""
        return read_denials(self._files)

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the logs could not be told, once they were asked for."""
        denials = self.__dict__.get("denials")
        return denials.problems if isinstance(denials, Denials) else ()

    @cached_property
    def selinux(self) -> SelinuxDenials | Missing | Absent:
        """Absent where there is no SELinux, or no log that could tell."""
        mode = selinux_mode(self._files, is_live=self._is_live)
        if isinstance(mode, Missing | Absent):
            return mode
        denials = self.denials
        if isinstance(denials, Missing | Absent):
            return denials
        judged = causes(self._files, denials.selinux, is_live=self._is_live)
        return SelinuxDenials(judged, denials.logs)

    def apparmor(self, topology: Topology | Missing | Absent) -> ProfileDenials | Missing | Absent:
        """Absent where no profile confines an httpd, or no log could tell."""
        if isinstance(topology, Missing | Absent):
            return topology
        confined = confinements(self._files, topology, is_live=self._is_live)
        if isinstance(confined, Absent):
            return confined
        denials = self.denials
        if isinstance(denials, Missing | Absent):
            return denials
        return ProfileDenials(denials.apparmor, denials.logs)

    def wrong_labels(
        self, topology: PythonTopology | Missing | Absent
    ) -> WrongLabels | Missing | Absent:
        """Absent where there is no SELinux; what the log tells already is left to it."""
        told = self.selinux
        if isinstance(topology, Missing | Absent):
            return topology
        logged = told.all if isinstance(told, SelinuxDenials) else ()
        records = [record for one in logged for record in one.denials]
        return wrong_labels(self._files, topology, records, is_live=self._is_live)

    def closed_booleans(
        self, applications: Applications | Missing | Absent
    ) -> ClosedBooleans | Missing | Absent:
        """Absent where there is no SELinux; what denials ask for already is left to them."""
        told = self.selinux
        if isinstance(applications, Missing | Absent):
            return applications
        denied = told.all if isinstance(told, SelinuxDenials) else ()
        known = frozenset(name for one in denied if not one.is_cured for name in one.booleans)
        return closed_booleans(applications, known, is_live=self._is_live)

    def uncovered(
        self, topology: PythonTopology | Missing | Absent
    ) -> UncoveredPaths | Missing | Absent:
        """Absent where no profile confines httpd."""
        if isinstance(topology, Missing | Absent):
            return topology
        return uncovered_paths(self._files, topology, is_live=self._is_live)
