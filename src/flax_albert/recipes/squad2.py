r"""SQuAD 2.0: which words of a paragraph answer a question, if any do?

    flax-albert finetune answer --recipe squad2 --model albert-base-v2 --train train-v2.0.json \
        --eval dev-v2.0.json --output squad2

Columns: those of SQuAD's JSON.

Expected: F1 and exact match on dev, v2: base 82.1/79.3, large 84.9/81.8, xlarge 87.9/84.1, xxlarge 89.8/86.9 (the
published code's README).

Learning rate, batch, steps, warm-up, dropout and length are those of Table 14 of the ALBERT paper, windows those of the
published code's README, whose own command has the rate 5e-5 and the length 384. There a stride of 128 is the step from
one window to the next; here, as in transformers, it is what two windows have in common. The paper's models have a
classifier that tells whether there is an answer, and score the end after the start; the documented class, and so this
recipe, does neither, and its scores may be lower.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.answering.answer import Answer
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Answer(doc_stride=128, max_question_len=64, max_answer_len=30),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=48,
        steps=8144,
        warmup=814,
        optimizer=OptimizerSettings(learning_rate=3e-5),
        classifier_dropout=0.1,
    ),
)
