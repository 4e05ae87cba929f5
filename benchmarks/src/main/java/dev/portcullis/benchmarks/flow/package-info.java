/** What flows cost: decoding and counting on one core, and whole collectors side by side. */
@NullMarked
package dev.portcullis.benchmarks.flow;

import org.jspecify.annotations.NullMarked;
