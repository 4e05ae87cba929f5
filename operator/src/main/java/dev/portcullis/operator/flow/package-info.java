/** FlowDetector: resolve, render, apply, ask pods, report. */
@NullMarked
package dev.portcullis.operator.flow;

import org.jspecify.annotations.NullMarked;
