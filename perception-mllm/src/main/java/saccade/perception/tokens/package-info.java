/** Vocabulary, grammar and the sentence made of tokens. */
@NullMarked
package saccade.perception.tokens;

import org.jspecify.annotations.NullMarked;
