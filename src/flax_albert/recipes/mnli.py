r"""MNLI: does a text entail another, contradict it, or neither?

    flax-albert finetune classify --recipe mnli --model albert-base-v2 --train MNLI/train.tsv \
        --eval matched=MNLI/dev_matched.tsv \
        --eval mismatched=MNLI/dev_mismatched.tsv --output mnli

Columns: sentence1, sentence2, gold_label.

Expected: accuracy on the matched dev set, v2: base 84.6, large 86.5, xlarge 87.9, xxlarge 90.6 (the published
code's README).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Classify(metrics=("accuracy",)),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=128,
        steps=10000,
        warmup=1000,
        optimizer=OptimizerSettings(learning_rate=3e-5),
        classifier_dropout=0.1,
    ),
)
