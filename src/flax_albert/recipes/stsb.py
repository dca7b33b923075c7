r"""STS-B: how alike are two sentences, from 0 to 5?

    flax-albert finetune regress --recipe stsb --model albert-base-v2 --train STS-B/train.tsv \
        --eval STS-B/dev.tsv --output stsb

Columns: sentence1, sentence2, score.

Expected: correlation on dev, times 100, xxlarge: 93.0 (Table 9 of the paper; trained for 1.5M steps).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.regress import Regress
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Regress(),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=16,
        steps=3598,
        warmup=214,
        optimizer=OptimizerSettings(learning_rate=2e-5),
        classifier_dropout=0.1,
    ),
)
