using Trt.Interop.NvCaffeParser;
using Trt.Interop.NvUffParser;

namespace Trt.Interop;

/// <content>What only some libraries have.</content>
public abstract partial class TensorRtLibrary
{
    /// <summary>Makes a parser of Caffe's prototxt and caffemodel files; TensorRT 8 has it.</summary>
    /// <returns>A parser, to be disposed by the caller after the engine is built.</returns>
    /// <exception cref="NotSupportedException">The library is not TensorRT 8.</exception>
    /// <exception cref="TensorRtNotFoundException">libnvparsers was not found.</exception>
    public virtual ICaffeParser CreateCaffeParser() => throw new NotSupportedException($"{this} has no Caffe parser; TensorRT 8.6 was the last release with one. Convert the model to ONNX.");

    /// <summary>Makes a parser of UFF files; TensorRT 8 has it.</summary>
    /// <returns>A parser, to be disposed by the caller after the engine is built.</returns>
    /// <exception cref="NotSupportedException">The library is not TensorRT 8.</exception>
    /// <exception cref="TensorRtNotFoundException">libnvparsers was not found.</exception>
    public virtual IUffParser CreateUffParser() => throw new NotSupportedException($"{this} has no UFF parser; TensorRT 8.6 was the last release with one. Convert the model to ONNX.");

    /// <summary>The registry that builders of a capability ask.</summary>
    /// <param name="capability">An engine capability.</param>
    /// <returns>The registry, or null: only <see cref="EngineCapability.Standard"/> has one.</returns>
    public virtual IPluginRegistry? GetBuilderPluginRegistry(EngineCapability capability) => capability == EngineCapability.Standard ? PluginRegistry : null;

    /// <summary>The logger that the library writes to where no object's logger is at hand: the first one it was given, or null before that.</summary>
    public virtual ILogger? GlobalLogger => null;

    /// <summary>Names the folder in which the library looks for its own parts, such as builder resources (10.16 and later).</summary>
    /// <param name="path">A folder.</param>
    /// <exception cref="NotSupportedException">The library has no such function.</exception>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public virtual void SetInternalLibraryPath(string path) => throw new NotSupportedException($"{this} has no setInternalLibraryPath; TensorRT 10.16 and later have it.");
}
