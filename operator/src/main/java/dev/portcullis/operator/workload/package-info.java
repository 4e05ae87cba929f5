/** The objects and the pod template that both roles have in common. Pure. */
@NullMarked
package dev.portcullis.operator.workload;

import org.jspecify.annotations.NullMarked;
