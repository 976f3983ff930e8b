using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Trt.Interop;
using Trt.Lite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Engines as services.</summary>
public static class TrtEngineServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="Engine"/> as a singleton, opened when it is first asked for and disposed with the provider.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="configure">Sets options; options of <see cref="EngineOptions"/> that are configured elsewhere count too. Without a logger the engine writes to the category <c>Trt.Lite.Engine</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddTrtEngine(this IServiceCollection services, string path, Action<EngineOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddTrtEngine(WithPath(path, configure));
    }

    /// <summary>Adds an <see cref="Engine"/> as a singleton, opened when it is first asked for and disposed with the provider.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; null: they are configured elsewhere, such as by <c>services.Configure&lt;EngineOptions&gt;(section)</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddTrtEngine(this IServiceCollection services, Action<EngineOptions>? configure = null)
    {
        AddOptions(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton(provider => Open(provider, Options.Options.DefaultName));
        return services;
    }

    /// <summary>Adds one of several engines as a keyed singleton: <c>[FromKeyedServices("digits")] Engine engine</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its key, and the name of its options.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedTrtEngine(this IServiceCollection services, string name, string path, Action<EngineOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddKeyedTrtEngine(name, WithPath(path, configure));
    }

    /// <summary>Adds one of several engines as a keyed singleton: <c>[FromKeyedServices("digits")] Engine engine</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its key, and the name of its options.</param>
    /// <param name="configure">Sets options; null: they are configured elsewhere under this name.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedTrtEngine(this IServiceCollection services, string name, Action<EngineOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        AddOptions(services, name, options =>
        {
            options.Name ??= name;
            configure?.Invoke(options);
        });
        services.TryAddKeyedSingleton(name, (provider, _) => Open(provider, name));
        return services;
    }

    private static Action<EngineOptions> WithPath(string path, Action<EngineOptions>? configure) => options =>
    {
        options.Path = path;
        configure?.Invoke(options);
    };

    private static void AddOptions(IServiceCollection services, string name, Action<EngineOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<EngineOptions> options = services.AddOptions<EngineOptions>(name);
        options.Validate(set => set.Path is { Length: > 0 } || set.Network is not null, $"No model is named for {(name.Length == 0 ? "the engine" : $"the engine \"{name}\"")}: set EngineOptions.Path or EngineOptions.Network.");
        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    private static Engine Open(IServiceProvider provider, string name)
    {
        EngineOptions options = provider.GetRequiredService<IOptionsMonitor<EngineOptions>>().Get(name);
        if (options.Logger is null && provider.GetService<ILoggerFactory>() is { } loggers)
        {
            options.Logger = new LoggingAdapter(loggers.CreateLogger("Trt.Lite.Engine"));
            options.LoggerSeverity = Severity.Verbose; // the logging's own filters decide
        }

        return new Engine(options);
    }
}
