"""``flax-albert doctor``: what a checkpoint is, and what is wrong with it."""

from flax_albert.doctor.examine import examine as examine
from flax_albert.doctor.report import Finding as Finding
from flax_albert.doctor.report import Level as Level
from flax_albert.doctor.report import Outcome as Outcome
from flax_albert.doctor.report import Report as Report
