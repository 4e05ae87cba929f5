/** Asks pods which configuration they run and what they see. */
@NullMarked
package dev.portcullis.operator.pods;

import org.jspecify.annotations.NullMarked;
