/** Probes of the operator and its metrics endpoint. */
@NullMarked
package dev.portcullis.operator.health;

import org.jspecify.annotations.NullMarked;
