/** Brings the objects of a resource into being, asks its pods, and says how far they are. */
@NullMarked
package dev.portcullis.operator.rollout;

import org.jspecify.annotations.NullMarked;
