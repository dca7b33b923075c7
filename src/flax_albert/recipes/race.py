r"""RACE: which of four answers to a question about an article is right?

    flax-albert finetune choose --recipe race --model albert-base-v2 --train RACE/train.jsonl \
        --eval RACE/dev.jsonl --output race

Columns: article, question, options, answer.

Expected: accuracy, v2: base 66.8, large 75.2, xlarge 80.7, xxlarge 86.8 (the published code's README, which does not
say of which set; the 86.5 that it has there for the first version's xxlarge is that of the test set).

Batch, steps, warm-up and length are those of Table 14 of the ALBERT paper; the learning rate is the README's for the
second version's models, which diverge at the paper's 2e-5. The paper's classifier dropout of 0.1 has no effect: as in
transformers' Flax class, what drops before this head is the hidden dropout, and the second version's is 0.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.choose import Choose
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Choose(),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=32,
        steps=12000,
        warmup=1000,
        optimizer=OptimizerSettings(learning_rate=1e-5),
        classifier_dropout=0.1,
    ),
)
