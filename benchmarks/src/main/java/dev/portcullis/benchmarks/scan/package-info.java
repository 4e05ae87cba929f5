/** What scanning costs. */
@NullMarked
package dev.portcullis.benchmarks.scan;

import org.jspecify.annotations.NullMarked;
