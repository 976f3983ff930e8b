using Trt.Interop.Core;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop;

/// <summary>A loaded library: NVIDIA's of some release, or the CPU runtime. Where everything begins.</summary>
/// <remarks>
/// Several may be loaded at once; objects of one are refused by the methods of another with <see cref="ArgumentException"/>.
/// A library is never unloaded. All members are safe to use from several threads.
/// </remarks>
public abstract partial class TensorRtLibrary
{
    private protected TensorRtLibrary(Flavour flavour, Version version, string release)
    {
        Flavour = flavour;
        Version = version;
        Release = release;
    }

    /// <summary>What kind of library it is.</summary>
    public Flavour Flavour { get; }

    /// <summary>The version that the library tells of itself.</summary>
    public Version Version { get; }

    /// <summary>The release whose API tables are used, such as <c>TensorRT 10.16</c>; older than <see cref="Version"/> when the library is newer than any known one.</summary>
    public string Release { get; }

    /// <summary>Full path of the main library's file, or null when it has none.</summary>
    public virtual string? Path => null;

    /// <summary>Full path of the ONNX parser library, or null when it was not found or is not loaded yet.</summary>
    public virtual string? OnnxParserPath => null;

    /// <summary>Whether networks can be defined and engines built; false for the lean and dispatch runtimes.</summary>
    public virtual bool HasBuilder => true;

    /// <summary>The library that a network, an engine or any other object comes from.</summary>
    /// <param name="item">An object of TensorRT's interfaces.</param>
    /// <returns>Null for managed objects, such as the CPU runtime's and those that users wrote: they have what their interfaces have.</returns>
    public static TensorRtLibrary? Of(object item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return (item as NativeObject)?.Library;
    }

    /// <summary>The device that an engine works on, and everything made from it: the one that was current when it was made. For a runtime or a builder, what it takes where the thread has chosen none.</summary>
    /// <param name="item">An object of TensorRT's interfaces.</param>
    /// <returns>Null where the machine has but one GPU, and for managed objects.</returns>
    public static Device? DeviceOf(object item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return (item as NativeObject)?.Binding?.Device;
    }

    /// <summary>Whether the release has a member.</summary>
    /// <param name="member">Its C++ name with the class, such as <c>INetworkDefinition.addMoE</c>; the class alone asks for the class.</param>
    /// <returns>False also for names that no release has.</returns>
    public abstract bool Supports(string member);

    /// <summary>Whether the release has an enumerator.</summary>
    /// <param name="enumerator">A value such as <see cref="BuilderFlag.FP16"/>.</param>
    public abstract bool Supports<T>(T enumerator)
        where T : unmanaged, Enum;

    /// <summary>Does nothing when the release has a member.</summary>
    /// <param name="member">Its C++ name with the class, such as <c>INetworkDefinition.addMoE</c>.</param>
    /// <exception cref="NotInThisReleaseException">It has not; the message names the releases that do.</exception>
    public void Require(string member)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        if (!Supports(member))
        {
            throw NotInThisReleaseException.ForMember(member, ToString());
        }
    }

    /// <summary>Does nothing when the release has an enumerator.</summary>
    /// <param name="enumerator">A value such as <see cref="BuilderFlag.FP16"/>.</param>
    /// <exception cref="NotInThisReleaseException">It has not; the message names the releases that do.</exception>
    public void Require<T>(T enumerator)
        where T : unmanaged, Enum
    {
        if (!Supports(enumerator))
        {
            throw NotInThisReleaseException.ForEnumerator(this, EnumTables.IdOf(typeof(T)), Convert.ToInt32(enumerator, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Makes a builder.</summary>
    /// <param name="logger">Hears everything; may be called from several threads; kept alive by what is made with it.</param>
    /// <returns>A builder, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    /// <exception cref="NotSupportedException">The library is a lean or dispatch runtime, which builds nothing.</exception>
    public abstract IBuilder CreateInferBuilder(ILogger logger);

    /// <summary>Makes a runtime, which reads plans.</summary>
    /// <param name="logger">Hears everything; may be called from several threads; kept alive by what is made with it.</param>
    /// <returns>A runtime, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public abstract IRuntime CreateInferRuntime(ILogger logger);

    /// <summary>Makes a refitter for an engine that was built to be refitted.</summary>
    /// <param name="engine">An engine of this library, kept alive by the refitter.</param>
    /// <param name="logger">Hears everything.</param>
    /// <returns>A refitter, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The library refused, as lean runtimes do; the message has its reason.</exception>
    public abstract IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger);

    /// <summary>Makes a parser that fills a network from an ONNX model.</summary>
    /// <param name="network">An empty network; may also be one of another library, such as the CPU runtime's, which is then filled through its interfaces.</param>
    /// <param name="logger">Hears everything.</param>
    /// <returns>A parser, to be disposed by the caller; the network stays alive as long as it does.</returns>
    /// <exception cref="TensorRtNotFoundException">The parser's library was not found.</exception>
    public abstract IParser CreateParser(INetworkDefinition network, ILogger logger);

    /// <summary>Makes a parser that refits an engine from an ONNX model.</summary>
    /// <param name="refitter">A refitter of this library.</param>
    /// <param name="logger">Hears everything.</param>
    /// <returns>A parser refitter, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtNotFoundException">The parser's library was not found.</exception>
    public abstract IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger);

    /// <summary>The registry of plugin creators that every builder, parser and runtime of this library asks.</summary>
    public abstract IPluginRegistry PluginRegistry { get; }

    /// <summary>Registers the plugins that come with TensorRT.</summary>
    /// <param name="logger">Hears everything.</param>
    /// <param name="libNamespace">Namespace to register them under; usually empty.</param>
    /// <exception cref="TensorRtNotFoundException">The plugin library was not found.</exception>
    public abstract void InitLibNvInferPlugins(ILogger logger, string libNamespace = "");

    /// <summary>Flavour and version, as in <c>TensorRT 10.16.1.11</c>.</summary>
    public override string ToString() => $"{Name} {Version}";

    /// <summary>The flavour's name in sentences.</summary>
    private protected string Name => Flavour switch
    {
        Flavour.LeanRuntime => "TensorRT lean runtime",
        Flavour.DispatchRuntime => "TensorRT dispatch runtime",
        Flavour.TensorRTRtx => "TensorRT-RTX",
        Flavour.Cpu => "CPU runtime",
        _ => "TensorRT",
    };
}
