using Trt.Interop;

namespace Trt.Tests;

/// <summary>The library that a program runs the tests against.</summary>
internal static class TestTarget
{
    /// <summary>The library of a whole run; null where each test takes the CPU runtime.</summary>
    public static TensorRtLibrary? Library { get; private set; }

    /// <summary>Whether the CPU runtime computes, however it is reached.</summary>
    public static bool IsCpu { get; private set; } = true;

    /// <summary>Takes a library for the whole run.</summary>
    /// <param name="library">The library.</param>
    /// <param name="isCpu">Whether the CPU runtime is behind it.</param>
    public static void Use(TensorRtLibrary library, bool isCpu) => (Library, IsCpu) = (library, isCpu);

    /// <summary>What a callback threw: native layers on the way back pass it on inside of their own exceptions.</summary>
    /// <param name="error">What came out.</param>
    public static Exception? Thrown(Exception error)
    {
        Exception? inner = error.InnerException;
        while (inner is TensorRtException { InnerException: { } next })
        {
            inner = next;
        }

        return inner;
    }

    /// <summary>Flags of networks without any of their own: releases that have another kind are asked for one with the batch among its dimensions.</summary>
    /// <param name="library">The library that makes the network.</param>
    /// <param name="flags">Flags beyond that.</param>
    public static Mask<NetworkDefinitionCreationFlag> NetworkFlags(TensorRtLibrary library, params ReadOnlySpan<NetworkDefinitionCreationFlag> flags) =>
        Mask.Create(library.Version.Major is > 1 and < 10 ? [.. flags, NetworkDefinitionCreationFlag.ExplicitBatch] : flags);
}
