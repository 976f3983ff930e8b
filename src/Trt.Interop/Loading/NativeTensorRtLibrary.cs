using System.Runtime.CompilerServices;
using System.Diagnostics.CodeAnalysis;
using Trt.Interop.Core;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Loading;

/// <summary>A library of NVIDIA's.</summary>
internal sealed unsafe partial class NativeTensorRtLibrary : TensorRtLibrary
{
    private readonly NativeModule module;
    private readonly TensorRtOptions options;
    private readonly Lock gate = new();
    private readonly List<Stub> loggers = [];
    private NativeModule? parser;
    private NativeModule? plugin;

    private NativeTensorRtLibrary(NativeModule module, Flavour flavour, Version version, int row, int versionNumber, TensorRtOptions options)
        : base(flavour, version, (SlotTables.Releases[row].IsRtx ? "TensorRT-RTX " : "TensorRT ") + SlotTables.Releases[row].Release)
    {
        this.module = module;
        this.options = options;
        VersionNumber = versionNumber;
        UseTables(row, microsoft: OperatingSystem.IsWindows(), plainCalls: false);
    }

    public override string Path => module.Path;

    public override string? OnnxParserPath => parser?.Path;

    public override bool HasBuilder => Exports.CreateInferBuilder(module) is not null;

    public override IPluginRegistry PluginRegistry
    {
        get
        {
            var function = Exports.GetPluginRegistry(Having(module, "getPluginRegistry"));
            return ObjectAt<IPluginRegistry>(function(), ClassId.IPluginRegistry, null, ObjectUse.Lasting)
                ?? throw new TensorRtException($"{this} has no plugin registry.");
        }
    }

    /// <summary>Reads version and flavour of a loaded module and finds its tables.</summary>
    public static bool TryRecognise(NativeModule module, TensorRtOptions options, [NotNullWhen(true)] out NativeTensorRtLibrary? library, out string why)
    {
        library = null;
        why = string.Empty;
        var getVersion = Exports.GetInferLibVersion(module);
        if (getVersion is null)
        {
            why = "it exports no getInferLibVersion, so it is not TensorRT";
            return false;
        }

        // The number alone would mislead: TensorRT-RTX 1.6.1 says 10601.
        string file = System.IO.Path.GetFileName(module.Path);
        bool rtx = file.Contains("rtx", StringComparison.OrdinalIgnoreCase);
        int number = getVersion();
        Version version = VersionOf(module, number);
        Flavour flavour = rtx ? Flavour.TensorRTRtx
            : Exports.CreateInferBuilder(module) is not null ? Flavour.TensorRT
            : file.Contains("dispatch", StringComparison.OrdinalIgnoreCase) ? Flavour.DispatchRuntime
            : Flavour.LeanRuntime;
        if (options.Flavour is { } wanted && wanted != flavour)
        {
            why = $"it is {flavour} {version}, but {wanted} was asked for";
            return false;
        }

        int row = FindRelease(rtx, version);
        if (row < 0)
        {
            string known = string.Join(", ", SlotTables.Releases.Where(release => release.IsRtx == rtx).Select(release => release.Version.Major).Distinct());
            why = $"it is version {version}, a major release whose interfaces are not known (known: {known})";
            return false;
        }

        library = new NativeTensorRtLibrary(module, flavour, version, row, number, options);
        Version table = SlotTables.Releases[row].Version;
        if ((version.Major, version.Minor).CompareTo((table.Major, table.Minor)) > 0)
        {
            options.Log?.Invoke(Severity.Warning, $"{library} is newer than any known release; the tables of {library.Release} are used. Minor releases only add members, so everything that {library.Release} has is safe to call.");
        }

        return true;
    }

    public override bool Supports(string member)
    {
        if (!member.Contains('.', StringComparison.Ordinal))
        {
            return ClassTable.DestructorOf(member) is >= 0 and int destructor && Table[destructor] != SlotTables.Absent;
        }

        return Members.AllOf(member).Any(Has);
    }

    public override bool Supports<T>(T enumerator)
    {
        int id = EnumTables.IdOf(typeof(T));
        return id >= 0 && Enum(id).TryToNative(Convert.ToInt32(enumerator, System.Globalization.CultureInfo.InvariantCulture), out _);
    }

    public override IBuilder CreateInferBuilder(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        if (!HasBuilder)
        {
            throw new NotSupportedException($"{this} builds nothing: it runs plans that were built elsewhere. Load the full library to build.");
        }

        if (Version.Major < 10 && Flavour == Flavour.TensorRT)
        {
            RequireDriver("A builder");
        }

        return Create<IBuilder>(Exports.CreateInferBuilder(module), ClassId.IBuilder, logger);
    }

    public override IRuntime CreateInferRuntime(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        if (Version.Major < 10 && Flavour != Flavour.TensorRTRtx)
        {
            // This release's factory ends the process without a driver.
            RequireDriver("A runtime");
        }

        return Create<IRuntime>(Exports.CreateInferRuntime(Having(module, "createInferRuntime_INTERNAL")), ClassId.IRuntime, logger);
    }

    public override IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        NativeObject native = Own(engine, nameof(engine));
        var function = Exports.CreateInferRefitter(Having(module, "createInferRefitter_INTERNAL"));
        void* loggerAddress = LoggerAddress(logger);
        void* address = native.Address;
        CallFrame frame = CallFrame.Enter(native);
        void* made = function(address, loggerAddress, VersionNumber);
        IRefitter? refitter = ObjectAt<IRefitter>(made, ClassId.IRefitter, native, ObjectUse.Owned);
        frame.Leave(this, Members.Function_createInferRefitter, refitter, refitter is null);
        return refitter!;
    }

    public override IParser CreateParser(INetworkDefinition network, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(logger);
        // A managed network is reached through a stub, which the parser holds; a native one is the parser's parent.
        NativeObject? parent = network is NativeObject ? Own(network, nameof(network)) : null;
        var function = Exports.CreateNvOnnxParser(Having(Parser(), "createNvOnnxParser_INTERNAL"));
        void* loggerAddress = LoggerAddress(logger);
        int version = ParserVersion();
        Stub? stub = parent is null ? Stub.For(network, this, ClassId.INetworkDefinition) : null;
        void* address = stub is null ? parent!.Address : stub.Pointer;
        CallFrame frame = CallFrame.Enter();
        void* made = function(address, loggerAddress, version);
        IParser? result = ObjectAt<IParser>(made, ClassId.NvOnnxParser_IParser, parent, ObjectUse.Owned);
        if (stub is not null)
        {
            (result as NativeObject)?.KeepToo(stub);
            stub.Release();
        }

        frame.Leave(this, Members.Function_createNvOnnxParser, result, result is null);
        return result!;
    }

    public override IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        NativeObject native = Own(refitter, nameof(refitter));
        var function = Exports.CreateNvOnnxParserRefitter(Having(Parser(), "createNvOnnxParserRefitter_INTERNAL"));
        void* loggerAddress = LoggerAddress(logger);
        void* address = native.Address;
        int version = ParserVersion();
        CallFrame frame = CallFrame.Enter(native);
        void* made = function(address, loggerAddress, version);
        IParserRefitter? result = ObjectAt<IParserRefitter>(made, ClassId.NvOnnxParser_IParserRefitter, native, ObjectUse.Owned);
        frame.Leave(this, Members.Function_createNvOnnxParserRefitter, result, result is null);
        return result!;
    }

    public override void InitLibNvInferPlugins(ILogger logger, string libNamespace = "")
    {
        ArgumentNullException.ThrowIfNull(logger);
        lock (gate)
        {
            plugin ??= Companion("nvinfer_plugin", options.PluginPath, "TRT_PLUGIN_LIBRARY");
        }

        var function = Exports.InitLibNvInferPlugins(Having(plugin, "initLibNvInferPlugins"));
        void* loggerAddress = LoggerAddress(logger);
        Unsafe.SkipInit(out Utf8Buffer buffer);
        Utf8Argument text = new(libNamespace, (byte*)&buffer);
        CallFrame frame = CallFrame.Enter();
        byte done = function(loggerAddress, text.Pointer);
        GC.KeepAlive(text.Held);
        frame.Leave(this, Members.Function_initLibNvInferPlugins, failed: done == 0);
    }

    private static Version VersionOf(NativeModule module, int number)
    {
        var major = Exports.GetInferLibMajorVersion(module);
        var minor = Exports.GetInferLibMinorVersion(module);
        var patch = Exports.GetInferLibPatchVersion(module);
        var build = Exports.GetInferLibBuildVersion(module);
        if (major is not null && minor is not null && patch is not null && build is not null)
        {
            return new Version(major(), minor(), patch(), build());
        }

        // major * 1000 + minor * 100 + patch before 10, major * 10000 + minor * 100 + patch from then on.
        return number < 10000
            ? new Version(number / 1000, number / 100 % 10, number % 100)
            : new Version(number / 10000, number / 100 % 100, number % 100);
    }

    /// <summary>The tables of a version: its own release's, else the newest known ones of the same major that are not newer, else its oldest.</summary>
    private static int FindRelease(bool rtx, Version version)
    {
        int best = -1;
        for (int i = 0; i < SlotTables.Releases.Length; i++)
        {
            (bool isRtx, string _, Version release) = SlotTables.Releases[i];
            if (isRtx != rtx || release.Major != version.Major)
            {
                continue;
            }

            bool notNewer = (release.Major, release.Minor, release.Major < 10 ? release.Build : 0).CompareTo((version.Major, version.Minor, version.Major < 10 ? version.Build : 0)) <= 0;
            if (best < 0 || notNewer)
            {
                best = i;
            }
        }

        return best;
    }

    private bool Has(int member) => Table[member] != SlotTables.Absent;

    private T Create<T>(delegate* unmanaged<void*, int, void*> function, int classId, ILogger logger)
        where T : class
    {
        void* loggerAddress = LoggerAddress(logger);
        CallFrame frame = CallFrame.Enter();
        T? made = ObjectAt<T>(function(loggerAddress, VersionNumber), classId, null, ObjectUse.Owned);
        try
        {
            frame.Leave(this, classId == ClassId.IBuilder ? Members.Function_createInferBuilder : Members.Function_createInferRuntime, made, made is null);
        }
        catch (TensorRtException refusal) when (DriverAge.Remedy(refusal.Message) is not null)
        {
            throw refusal.With(DriverAge.Remedy(refusal.Message)!);
        }

        return made!;
    }

    /// <summary>The native face of a logger. A library may keep the first logger it was given, so none is ever freed.</summary>
    private void* LoggerAddress(ILogger logger)
    {
        if (logger is NativeObject native && native.Library == this)
        {
            return native.Address;
        }

        Stub stub = Stub.For(RecordingLogger.For(logger), this, ClassId.ILogger);
        lock (gate)
        {
            if (loggers.Contains(stub))
            {
                stub.Release();
            }
            else
            {
                loggers.Add(stub);
            }
        }

        return stub.Pointer;
    }

    private NativeModule Parser()
    {
        lock (gate)
        {
            return parser ??= Companion("nvonnxparser", options.OnnxParserPath, "TRT_ONNXPARSER_LIBRARY");
        }
    }

    private int ParserVersion()
    {
        var function = Exports.GetNvOnnxParserVersion(Parser());
        return function is null ? 100 : function();
    }

    private NativeModule Companion(string stem, string? given, string variable)
    {
        IReadOnlyList<string> names = LibraryPlaces.Companions(stem, Flavour, Version.Major);
        string? wanted = given ?? Environment.GetEnvironmentVariable(variable);
        IReadOnlyList<string> folders = wanted is { Length: > 0 }
            ? [wanted]
            : [System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(module.Path))!, .. LibraryPlaces.Folders()];
        List<string> found = [];
        foreach (string candidate in File.Exists(wanted) ? [wanted] : folders.SelectMany(folder => names.Select(name => System.IO.Path.Combine(folder, name))).Where(File.Exists))
        {
            if (NativeModule.TryLoad(candidate, out string reason) is { } loaded)
            {
                return loaded;
            }

            found.Add($"{candidate}: {reason}");
        }

        throw new TensorRtNotFoundException($"The library {stem} for {this}", names, folders, found, $"Install it beside {module.Path}, or name its file with {variable}.");
    }

    /// <summary>The module, when it exports a function.</summary>
    /// <exception cref="NotSupportedException">It does not.</exception>
    private NativeModule Having(NativeModule from, string export) => from.Export(export) is not null
        ? from
        : throw new NotSupportedException($"{this} has no {export}: {from.Path} does not export it." + (Flavour is Flavour.LeanRuntime or Flavour.DispatchRuntime ? " It runs plans and nothing else; load the full library for this." : string.Empty));

    private void RequireDriver(string what)
    {
        if (!CudaDriver.IsAvailable(out string reason))
        {
            throw new TensorRtException($"{what} of {this} cannot be made without NVIDIA's driver: {reason}");
        }

        if (DriverAge.WhyTooOld(CudaDriver.Version, module.Path) is { } old)
        {
            throw new TensorRtException($"{what} of {this} cannot be made: {old}");
        }
    }

    private NativeObject Own(object? value, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value is NativeObject native && native.Library == this
            ? native
            : throw new ArgumentException($"This object belongs to {(value as NativeObject)?.Library.ToString() ?? "another implementation"}, but {this} was asked. Objects of two libraries cannot be mixed.", name);
    }
}
