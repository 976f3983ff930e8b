using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The plugins of an engine, restored by their creators; contexts run copies of them.</summary>
internal sealed class EnginePlugins : IDisposable
{
    private readonly List<(PlanPlugin Plan, Plugin Plugin)> plugins = [];

    private EnginePlugins()
    {
    }

    /// <summary>Restores the plugins of a plan.</summary>
    /// <exception cref="Refusal">A creator is missing or failed.</exception>
    public static EnginePlugins Load(IReadOnlyList<PlanPlugin> plans, CpuPluginRegistry registry)
    {
        EnginePlugins engine = new();
        try
        {
            foreach (PlanPlugin plan in plans)
            {
                Plugin plugin = Restore(plan, registry);
                engine.plugins.Add((plan, plugin));
                plugin.Initialize();
            }

            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Takes plugins that a build configured, and owns them from then on.</summary>
    /// <exception cref="Refusal">A plugin failed.</exception>
    public static EnginePlugins Of(IEnumerable<(PlanPlugin Plan, Plugin Plugin)> configured)
    {
        EnginePlugins engine = new();
        try
        {
            engine.plugins.AddRange(configured);
            engine.plugins.ForEach(entry => entry.Plugin.Initialize());
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Copies for an execution context.</summary>
    /// <exception cref="Refusal">A plugin failed.</exception>
    public ContextPlugins? Attach(IPluginResourceContext context)
    {
        if (plugins.Count == 0)
        {
            return null;
        }

        List<PluginInstance> instances = [];
        try
        {
            foreach ((PlanPlugin plan, Plugin plugin) in plugins)
            {
                PluginInstance instance = new(plan, plugin.Attach(context));
                instances.Add(instance);
                instance.Start();
            }

            return new ContextPlugins(instances);
        }
        catch
        {
            instances.ForEach(instance => instance.Dispose());
            throw;
        }
    }

    public void Dispose()
    {
        foreach ((_, Plugin plugin) in plugins)
        {
            plugin.Dispose();
        }

        plugins.Clear();
    }

    private static Plugin Restore(PlanPlugin plan, CpuPluginRegistry registry)
    {
        IPluginCreatorInterface? creator = registry.Find(plan.Identity);
        return (plan.Family, creator) switch
        {
            (PluginFamily.V3, IPluginCreatorV3One v3) => new V3Plugin(Made(plan, "IPluginCreatorV3One::createPlugin",
                () => PluginFields.Use(plan.Fields, fields => v3.CreatePlugin(plan.Layer, fields, TensorRTPhase.Runtime))), owned: true) { Owner = plan.Layer },
            (PluginFamily.V2, IPluginCreator v2) => V2Plugin.Of(Made(plan, "IPluginCreator::deserializePlugin", () => v2.DeserializePlugin(plan.Layer, plan.Data)), owned: true, plan.Layer),
            (_, null) => throw Refused(plan, "its creator is not in the plugin registry. Register it before the plan is loaded"),
            _ => throw Refused(plan, $"the creator of that name in the plugin registry makes no {plan.Family} plugins"),
        };
    }

    private static T Made<T>(PlanPlugin plan, string method, Func<T?> create)
        where T : class
    {
        try
        {
            return create() ?? throw Refused(plan, $"{method} gave null");
        }
        catch (Exception error) when (error is not Refusal)
        {
            throw Refused(plan, $"{method} threw {error.GetType().Name}: {error.Message}", error);
        }
    }

    private static Refusal Refused(PlanPlugin plan, string reason, Exception? cause = null) => new(ErrorCode.UnspecifiedError, "Serialization",
        $"{plan.Layer}: cannot deserialize plugin {plan.Identity}: {reason}.", cause);
}
