/** The subcommands of {@code portcullis}, one class each. */
@NullMarked
package dev.portcullis.dataplane.cli;

import org.jspecify.annotations.NullMarked;
