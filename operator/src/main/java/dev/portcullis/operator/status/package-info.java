/** Conditions, reasons and events: the one vocabulary in which the operator speaks to users. */
@NullMarked
package dev.portcullis.operator.status;

import org.jspecify.annotations.NullMarked;
