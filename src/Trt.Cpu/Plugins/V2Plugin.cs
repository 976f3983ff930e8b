using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A plugin of the second version; owned when it is a clone, or a creator made it.</summary>
internal abstract unsafe class V2Plugin : Plugin
{
    private readonly IPluginV2Ext target;
    private readonly bool owned;
    private PluginIdentity? identity;
    private bool initialized;
    private bool attached;

    protected V2Plugin(IPluginV2Ext target, bool owned)
    {
        this.target = target;
        this.owned = owned;
    }

    public IPluginV2 Target => target;

    /// <summary>What its layer is called in default names.</summary>
    public abstract string Tag { get; }

    public override PluginFamily Family => PluginFamily.V2;

    public override PluginIdentity Identity
    {
        get
        {
            if (identity is null)
            {
                identity = new PluginIdentity(target.GetType().Name, "?", string.Empty);
                identity = Ask("IPluginV2::getPluginType", () => new PluginIdentity(target.PluginType, target.PluginVersion, target.PluginNamespace));
            }

            return identity;
        }
    }

    /// <summary>The plugin by its real interface.</summary>
    /// <exception cref="Refusal">It is of the oldest kind, which has no explicit batch.</exception>
    public static V2Plugin Of(IPluginV2 target, bool owned, string owner) => target switch
    {
        IPluginV2DynamicExt dynamic => new V2DynamicPlugin(dynamic, owned) { Owner = owner },
        IPluginV2Ext fixedShapes => new V2StaticPlugin(fixedShapes, owned) { Owner = owner },
        _ => throw Refusal.Api($"{owner}: PluginV2Layer must be V2Ext or V2IOExt or V2DynamicExt when there is no implicit batch dimension, and networks of the CPU runtime have none."),
    };

    public override int CountOutputs() => Ask("IPluginV2::getNbOutputs", () => target.NbOutputs);

    public override DataType[] OutputTypes(DataType[] inputs)
    {
        DataType[] outputs = new DataType[Math.Max(CountOutputs(), 0)];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Ask("IPluginV2Ext::getOutputDataType", () => target.GetOutputDataType(i, inputs));
        }

        return outputs;
    }

    public override (IReadOnlyList<PlanPluginField> Fields, byte[] Data) Serialize()
    {
        byte[] data = new byte[Ask("IPluginV2::getSerializationSize", () => checked((int)target.SerializationSize))];
        Ask("IPluginV2::serialize", () =>
        {
            fixed (byte* address = data.Length == 0 ? new byte[1] : data)
            {
                target.Serialize((nint)address);
            }

            return 0;
        });
        return ([], data);
    }

    public override Plugin Clone() => Of(Must("IPluginV2::clone", Ask("IPluginV2::clone", target.Clone)), owned: true, Owner);

    public override void Initialize()
    {
        Demand("IPluginV2::initialize", target.Initialize);
        initialized = true;
    }

    public override Plugin Attach(IPluginResourceContext context)
    {
        V2Plugin copy = (V2Plugin)Clone();
        try
        {
            copy.Ask("IPluginV2Ext::attachToContext", () =>
            {
                copy.target.AttachToContext(0, 0, context.GpuAllocator);
                return 0;
            });
            copy.attached = true;
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        if (attached)
        {
            target.DetachFromContext();
            attached = false;
        }

        if (initialized)
        {
            target.Terminate();
            initialized = false;
        }

        if (owned)
        {
            target.Destroy();
        }
    }

    /// <summary>Says what an execution gave.</summary>
    protected void CheckEnqueued(int status)
    {
        if (status != 0)
        {
            throw Failed("IPluginV2::enqueue", status);
        }
    }

    protected Refusal EnqueueThrew(Exception error) => Failure($"IPluginV2::enqueue threw {error.GetType().Name}: {error.Message}", cause: error);
}
