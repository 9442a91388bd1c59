"""Write a summary by choosing the scene's own most telling sentences."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from studio.ai.reading import SceneReading, Sentence, read_scene
from studio.ai.wording import (
    STOP_WORDS,
    and_list,
    begun,
    clip,
    content_words,
    ended,
    last_mark,
    quoted,
    sentences,
    word_set,
    words,
)

ACTION_CHARACTERS = 220
SPEECH_CHARACTERS = 150
_FULL_STOP = re.compile(r"(?<!\.)\.”$")
ANSWER_SENTENCES = 3
MOST_NAMES = 5
# Sentences that turn a scene tend to say so.
_TURNS = word_set("but until suddenly finally instead only never dead gone last first alone")
_PRONOUNS = word_set("he she they it him her them his their its this that")


def summarise(slugline: str, scene_text: str) -> str:
    """Summarise a scene in one to three sentences: where, when, who and what happens; then what is said."""
    scene = read_scene(slugline, scene_text)
    english = _looks_english(scene.actions + scene.speeches)
    weights = _weights(scene)
    setting = _setting(scene, english)
    action = _action(scene, weights)
    speech = _speech(scene, weights, english)
    if not action and not speech:
        return (
            f"{ended(setting)} Nothing happens and nothing is said here yet."
            if setting
            else "An empty scene."
        )
    opening = ": ".join(part for part in (setting, action) if part)
    return " ".join(part for part in (ended(opening) if opening else "", speech) if part)


def answer(question: str, material: str) -> str:
    """Answer a prompt with the sentences of `material` that are closest to the question and to the whole."""
    found = [Sentence(order, text) for order, text in enumerate(sentences(" ".join(material.split())))]
    asked = set(content_words(question))
    if not found:
        topic = ", ".join(sorted(asked)) or "that"
        return f"The local model answers from the text it is given, and this has none about {topic}."
    weights = Counter(word for sentence in found for word in content_words(sentence.text))
    ranked = sorted(found, key=lambda sentence: (-_relevance(sentence, asked, weights), sentence.order))
    chosen = sorted(ranked[:ANSWER_SENTENCES], key=lambda sentence: sentence.order)
    return " ".join(ended(sentence.text) for sentence in chosen)


def _setting(scene: SceneReading, english: bool) -> str:
    where = begun(", ".join(part for part in (scene.place, scene.time) if part))
    if not scene.cast or not where:
        return where
    named, others = scene.cast[:MOST_NAMES], len(scene.cast) - MOST_NAMES
    if not english:
        return f"{where} ({', '.join(named)}{' …' if others > 0 else ''})"
    names = [*named, f"{others} more"] if others > 0 else named
    return f"{where}, with {and_list(names)}"


def _weights(scene: SceneReading) -> Counter[str]:
    """Weigh the words: what is both done and said is what the scene is about."""
    done = Counter(word for sentence in scene.actions for word in content_words(sentence.text))
    said = Counter(word for sentence in scene.speeches for word in content_words(sentence.text))
    names = {word for name in scene.cast for word in content_words(name)}
    return Counter(
        {
            word: count + 2 * min(done[word], said[word])
            for word, count in (done + said).items()
            if word not in names
        }
    )


def _action(scene: SceneReading, weights: Counter[str]) -> str:
    """Choose the most telling sentence of action, and one more if there is room for it."""
    scores = {
        sentence.order: _action_score(sentence, position, scene, weights)
        for position, sentence in enumerate(scene.actions)
    }
    ranked = sorted(scene.actions, key=lambda sentence: (-scores[sentence.order], sentence.order))
    if not ranked:
        return ""
    best = ranked[0]
    room = ACTION_CHARACTERS - len(best.text)
    # How it begins and how it turns: a second sentence comes from the other half, if one there tells as much.
    middle = scene.actions[len(scene.actions) // 2].order
    others = [sentence for sentence in ranked[1:] if 12 < len(sentence.text) < room]
    others.sort(
        key=lambda other: -scores[other.order] - 0.7 * ((other.order < middle) != (best.order < middle))
    )
    told = sorted([best, *others[:1]], key=lambda sentence: sentence.order)
    return " ".join(begun(ended(clip(sentence.text, ACTION_CHARACTERS))) for sentence in told)


def _action_score(sentence: Sentence, position: int, scene: SceneReading, weights: Counter[str]) -> float:
    said = words(sentence.text)
    score = _centrality(sentence.text, weights) + _length_score(len(said), best=(7, 26))
    score += 1.2 * min(2, sum(1 for name in scene.cast if name in sentence.text))
    if any(sentence.text.startswith(name) for name in scene.cast):
        score += 0.8
    if said and said[0] in _PRONOUNS:
        score -= 1.0  # Who is meant is in the sentence before, which is left out.
    if position == len(scene.actions) - 1:
        score += 0.8
    return score + 0.5 * len(_TURNS.intersection(said))


def _speech(scene: SceneReading, weights: Counter[str], english: bool) -> str:
    """Choose the most telling line, and what another speaker says to it if both are short."""
    spoken = Counter(line.speaker for line in scene.speeches)
    scores = {
        line.order: _speech_score(line, position, scene, weights) + 0.1 * spoken[line.speaker]
        for position, line in enumerate(scene.speeches)
    }
    ranked = sorted(scene.speeches, key=lambda line: (-scores[line.order], line.order))
    if not ranked:
        return ""
    best = ranked[0]
    room = SPEECH_CHARACTERS - len(best.text)
    others = [line for line in ranked if len(line.text) < room and _replies(line, best)]
    others.sort(key=lambda line: 0.5 * abs(line.order - best.order) - scores[line.order])
    *before, last = [
        _said(line, english) for line in sorted([best, *others[:1]], key=lambda line: line.order)
    ]
    # Within a sentence a quotation loses its full stop.
    return "; ".join([*(_FULL_STOP.sub("”", quote) for quote in before), last])


def _replies(line: Sentence, best: Sentence) -> bool:
    """Tell whether a line adds something by someone else: not a single word, not the same again."""
    if line.speaker == best.speaker or len(words(line.text)) < 3:
        return False
    said, best_said = set(content_words(line.text)), set(content_words(best.text))
    return len(said & best_said) <= len(said) / 2


def _speech_score(sentence: Sentence, position: int, scene: SceneReading, weights: Counter[str]) -> float:
    said = words(sentence.text)
    score = _centrality(sentence.text, weights) + _length_score(len(said), best=(5, 20))
    score += 0.6 * position / len(scene.speeches)
    return score + 0.4 * len(_TURNS.intersection(said))


def _said(line: Sentence, english: bool) -> str:
    quote = quoted(ended(clip(line.text, SPEECH_CHARACTERS)))
    if not english:
        return f"{line.speaker}: {quote}"
    return f"{line.speaker} {'asks' if last_mark(line.text) == '?' else 'says'}, {quote}"


def _centrality(text: str, weights: Counter[str]) -> float:
    found = content_words(text)
    return sum(weights[word] for word in set(found)) / (1 + len(found)) if found else 0.0


def _length_score(count: int, best: tuple[int, int]) -> float:
    shortest, longest = best
    if count < shortest:
        return count / shortest - 1
    return 0.0 if count <= longest else -min(1.0, (count - longest) / longest)


def _relevance(sentence: Sentence, asked: set[str], weights: Counter[str]) -> float:
    found = set(content_words(sentence.text))
    return 3 * len(found & asked) + _centrality(sentence.text, weights) - 0.01 * sentence.order


def _looks_english(told: Iterable[Sentence]) -> bool:
    """Tell whether the scene's words are English, so that `says` may stand among them."""
    found: Sequence[str] = [word for sentence in told for word in words(sentence.text)]
    return not found or sum(word in STOP_WORDS for word in found) >= len(found) / 8
