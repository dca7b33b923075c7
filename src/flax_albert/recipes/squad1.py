r"""SQuAD 1.1: which words of a paragraph answer a question?

    flax-albert finetune answer --recipe squad1 --model albert-base-v2 --train train-v1.1.json \
        --eval dev-v1.1.json --output squad1

Columns: those of SQuAD's JSON.

Expected: F1 and exact match on dev, v2: base 90.2/83.2, large 91.8/85.2, xlarge 92.9/86.4, xxlarge 94.6/89.1 (the
published code's README).

Learning rate, batch, steps, warm-up, dropout and length are those of Table 14 of the ALBERT paper, windows those of the
published code's README. There a stride of 128 is the step from one window to the next; here, as in transformers, it is
what two windows have in common.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.answering.answer import Answer
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Answer(doc_stride=128, max_question_len=64, max_answer_len=30),
    settings=FineTuningSettings(
        max_length=384,
        batch_size=48,
        steps=3649,
        warmup=365,
        optimizer=OptimizerSettings(learning_rate=5e-5),
        classifier_dropout=0.1,
    ),
)
