/** What processes use, read from {@code /proc}. */
@NullMarked
package dev.portcullis.benchmarks.process;

import org.jspecify.annotations.NullMarked;
