/** The operator's own metrics, declared once. */
@NullMarked
package dev.portcullis.operator.metrics;

import org.jspecify.annotations.NullMarked;
